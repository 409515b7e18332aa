// Called now and then during long runs; may throw to stop (Ctrl-C).
#pragma once

#include <functional>

namespace admle {

using Poll = std::function<void()>;

}  // namespace admle
