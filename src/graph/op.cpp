// Properties of operations, from the two tables.
#include "graph/op.h"

namespace admle {

Range range_of(Op op) {
  if (is_elementwise(op)) return elementwise(op).range;
  switch (op) {
#define STRUCTURAL(name, range, thread) \
  case Op::name:                        \
    return Range::k##range;
#include "graph/structural.def"
#undef STRUCTURAL
    default: return Range::kSingular;
  }
}

Thread thread_of(Op op) {
  if (is_elementwise(op)) return elementwise(op).thread;
  switch (op) {
#define STRUCTURAL(name, range, thread) \
  case Op::name:                        \
    return Thread::k##thread;
#include "graph/structural.def"
#undef STRUCTURAL
    default: return Thread::kR;
  }
}

}  // namespace admle
