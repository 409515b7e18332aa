// Tasks on several threads of the standard library, started for one call and joined at its end: no
// pool lives on, so that a forked process (parallel::mclapply) finds nothing broken.
#pragma once

#include <functional>

namespace admle {

// Calls work(task, thread) for each task below `tasks`, in any order, on up to `threads` threads;
// thread 0 is the caller's. When a call throws, the others end their task and stop, and the
// exception (the first, if several) is thrown here.
void for_each_task(int tasks, int threads, const std::function<void(int task, int thread)>& work);

}  // namespace admle
