// Properties of operations, from the two tables.
#include "graph/op.h"

namespace admle {

Thread thread_of(Op op) {
  if (is_elementwise(op)) return elementwise(op).thread;
  switch (op) {
#define STRUCTURAL(name, thread) \
  case Op::name: return Thread::k##thread;
#include "graph/structural.def"
#undef STRUCTURAL
    default: return Thread::kR;
  }
}

}  // namespace admle
