// The process's clocks, threads, condition variables and sleeps, as long as a world exists: defined
// here, they take precedence over those of the C library, also for libstdc++. Without a world they
// hand over to it.
#include <dlfcn.h>
#include <pthread.h>
#include <time.h>

#include <chrono>
#include <utility>

#include "tests/simulation/runtime/runtime.h"

namespace {

using simulation::Runtime;
using simulation::Time;

template <typename Function>
Function Real(const char* name) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): that is what dlsym() gives
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

Runtime* World() {
  Runtime* const runtime = Runtime::Current();
  return runtime != nullptr && runtime->is_in_fiber() ? runtime : nullptr;
}

timespec ToTimespec(std::chrono::nanoseconds since) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(since);
  return {.tv_sec = seconds.count(), .tv_nsec = (since - seconds).count()};
}
std::chrono::nanoseconds FromTimespec(const timespec& time) {
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

/// Nobody else holds the mutex: fibers give way only where they hold none.
int WaitFor(Runtime& runtime, pthread_cond_t* condition, pthread_mutex_t* mutex, Time until) {
  pthread_mutex_unlock(mutex);
  const bool was_woken = runtime.Block(condition, until);
  pthread_mutex_lock(mutex);
  return was_woken ? 0 : ETIMEDOUT;
}

}  // namespace

extern "C" {

int clock_gettime(clockid_t clock, timespec* time) noexcept {
  Runtime* const runtime = Runtime::Current();
  if (runtime == nullptr || (clock != CLOCK_MONOTONIC && clock != CLOCK_REALTIME)) {
    static const auto real = Real<int (*)(clockid_t, timespec*)>("clock_gettime");
    return real(clock, time);
  }
  *time =
      ToTimespec(clock == CLOCK_MONOTONIC ? runtime->now().time_since_epoch()
                                          : runtime->WallOf(runtime->host()).time_since_epoch());
  return 0;
}

int nanosleep(const timespec* span, timespec* rest) {
  Runtime* const runtime = World();
  if (runtime == nullptr) {
    static const auto real = Real<int (*)(const timespec*, timespec*)>("nanosleep");
    return real(span, rest);
  }
  runtime->Sleep(FromTimespec(*span));
  return 0;
}

int clock_nanosleep(clockid_t clock, int flags, const timespec* time, timespec* rest) {
  Runtime* const runtime = World();
  if (runtime == nullptr) {
    static const auto real =
        Real<int (*)(clockid_t, int, const timespec*, timespec*)>("clock_nanosleep");
    return real(clock, flags, time, rest);
  }
  runtime->Sleep(FromTimespec(*time));
  return 0;
}

int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*body)(void*),
                   void* argument) noexcept {
  Runtime* const runtime = World();
  if (runtime == nullptr) {
    static const auto real =
        Real<int (*)(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*)>("pthread_create");
    return real(thread, attributes, body, argument);
  }
  *thread = runtime->Spawn(*runtime->host(), [body, argument] { body(argument); });
  return 0;
}

int pthread_join(pthread_t thread, void** result) {
  Runtime* const runtime = World();
  if (runtime == nullptr) {
    static const auto real = Real<int (*)(pthread_t, void**)>("pthread_join");
    return real(thread, result);
  }
  runtime->Join(thread);
  return 0;
}

int pthread_cond_wait(pthread_cond_t* condition, pthread_mutex_t* mutex) {
  Runtime* const runtime = World();
  if (runtime == nullptr) {
    static const auto real = Real<int (*)(pthread_cond_t*, pthread_mutex_t*)>("pthread_cond_wait");
    return real(condition, mutex);
  }
  return WaitFor(*runtime, condition, mutex, Time::max());
}

int pthread_cond_clockwait(pthread_cond_t* condition, pthread_mutex_t* mutex, clockid_t clock,
                           const timespec* until) {
  Runtime* const runtime = World();
  if (runtime == nullptr) {
    static const auto real =
        Real<int (*)(pthread_cond_t*, pthread_mutex_t*, clockid_t, const timespec*)>(
            "pthread_cond_clockwait");
    return real(condition, mutex, clock, until);
  }
  return WaitFor(*runtime, condition, mutex, Time(FromTimespec(*until)));
}

int pthread_cond_signal(pthread_cond_t* condition) noexcept {
  if (Runtime* const runtime = Runtime::Current()) {
    runtime->WakeOne(condition);
    return 0;
  }
  static const auto real = Real<int (*)(pthread_cond_t*)>("pthread_cond_signal");
  return real(condition);
}

int pthread_cond_broadcast(pthread_cond_t* condition) noexcept {
  if (Runtime* const runtime = Runtime::Current()) {
    runtime->WakeAll(condition);
    return 0;
  }
  static const auto real = Real<int (*)(pthread_cond_t*)>("pthread_cond_broadcast");
  return real(condition);
}

}  // extern "C"
