// Chunk kernels on packs of doubles, in variants for instruction sets (instruction-set.h). They
// are the op table's value formulas again, on packs instead of doubles: an operation has a kernel
// here if every function in its formula has a version for packs, else a plain loop does it.
#pragma once

#include "math/elementwise.h"
#include "math/instruction-set.h"

namespace admle {

// Over blocks, and for one number. Null where there is none.
struct VectorFunctions {
  Kernel kernel = nullptr;                              // over a block of rows
  double (*scalar)(const double* arguments) = nullptr;  // for one number
};

// By operation; all null for what this build or processor lacks.
const VectorFunctions* vector_functions(InstructionSet set);

}  // namespace admle
