// Runs every registered test; an argument runs only the tests whose name contains it.
#include "check.h"

int main(int argc, char** argv) {
  return admle_test::run_all(argc > 1 ? argv[1] : "") == 0 ? 0 : 1;
}
