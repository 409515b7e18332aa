// See threads.h. Tasks are taken from a common counter, so that a slow core gets fewer of them.
#include "exec/threads.h"

#include <atomic>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

namespace admle {

void for_each_task(int tasks, int threads, const std::function<void(int, int)>& work) {
  std::atomic<int> next{0};
  std::exception_ptr failure;
  std::mutex failing;
  const auto take = [&](int thread) {
    try {
      for (int task = next++; task < tasks; task = next++) work(task, thread);
    } catch (...) {
      next = tasks;
      const std::lock_guard<std::mutex> lock(failing);
      if (!failure) failure = std::current_exception();
    }
  };
  std::vector<std::thread> others;
  try {
    for (int t = 1; t < threads && t < tasks; ++t) others.emplace_back(take, t);
  } catch (const std::system_error&) {
    // No more threads to be had: those that run do all the work.
  }
  take(0);
  for (std::thread& other : others) other.join();
  if (failure) std::rethrow_exception(failure);
}

}  // namespace admle
