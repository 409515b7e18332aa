// See threads.h. Tasks are taken from a common counter, so that a slow core gets fewer of them.
#include "exec/threads.h"

#include <atomic>
#include <system_error>
#include <thread>
#include <vector>

namespace admle {

void for_each_task(int tasks, int threads, const std::function<void(int, int)>& work) {
  std::atomic<int> next{0};
  const auto take = [&](int thread) {
    for (int task = next++; task < tasks; task = next++) work(task, thread);
  };
  std::vector<std::thread> others;
  const auto join = [&] {
    for (std::thread& other : others) other.join();
  };
  try {
    for (int t = 1; t < threads && t < tasks; ++t) others.emplace_back(take, t);
  } catch (const std::system_error&) {
    // No more threads to be had: those that run do all the work.
  }
  try {
    take(0);
  } catch (...) {
    next = tasks;
    join();
    throw;
  }
  join();
}

}  // namespace admle
