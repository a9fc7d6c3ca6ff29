#include "tests/simulation/runtime/runtime.h"

#include <sys/mman.h>
#include <ucontext.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/common_interface_defs.h>
#endif

namespace simulation {
namespace {

constexpr std::size_t kStackSize = std::size_t{512} * 1024;
/// The same history at any time of day.
constexpr std::chrono::seconds kEpoch{1'800'000'000};

Runtime* current = nullptr;
ucontext_t main_context;

#if defined(__SANITIZE_ADDRESS__)
const void* main_stack = nullptr;
std::size_t main_stack_size = 0;
#endif

void SwitchTo(ucontext_t& from, ucontext_t& to, const void* stack, std::size_t size) {
#if defined(__SANITIZE_ADDRESS__)
  void* fake = nullptr;
  __sanitizer_start_switch_fiber(&fake, stack, size);
  swapcontext(&from, &to);
  __sanitizer_finish_switch_fiber(fake, nullptr, nullptr);
#else
  static_cast<void>(stack);
  static_cast<void>(size);
  swapcontext(&from, &to);
#endif
}

void SwitchToMain(ucontext_t& from) {
#if defined(__SANITIZE_ADDRESS__)
  SwitchTo(from, main_context, main_stack, main_stack_size);
#else
  SwitchTo(from, main_context, nullptr, 0);
#endif
}

}  // namespace

struct Runtime::Fiber {
  FiberId id = 0;
  Host* host = nullptr;
  std::function<void()> body;
  ucontext_t context{};
  void* stack = nullptr;
  const void* key = nullptr;  ///< The object of its wait,
  std::uint64_t ticket = 0;   ///< and the number of that wait.
  bool is_waiting = false;
  bool was_woken = false;
  bool has_ended = false;
};

Runtime::Runtime() { current = this; }

// Frees the stacks without unwinding them: the owner of the world has let every fiber end before.
Runtime::~Runtime() {
  current = nullptr;
  for (const auto& [id, fiber] : fibers_) munmap(fiber->stack, kStackSize);
  for (void* const stack : stacks_) munmap(stack, kStackSize);
}

Runtime* Runtime::Current() { return current; }

std::chrono::system_clock::time_point Runtime::WallOf(const Host* host) const {
  const Span error = host != nullptr ? host->clock_error : Span();
  return std::chrono::system_clock::time_point(
      kEpoch + std::chrono::duration_cast<std::chrono::system_clock::duration>(
                   now_.time_since_epoch() - std::chrono::hours(1'000) + slept_ + error));
}

Host* Runtime::host() const { return running_ != nullptr ? running_->host : nullptr; }

Runtime::FiberId Runtime::fiber() const { return running_ != nullptr ? running_->id : 0; }

void Runtime::At(Time time, std::function<void()> event) {
  events_.push({std::max(time, now_), ++sequence_, std::move(event)});
}

Runtime::FiberId Runtime::Spawn(Host& host, std::function<void()> body) {
  auto fiber = std::make_unique<Fiber>();
  fiber->id = ++last_fiber_;
  fiber->host = &host;
  fiber->body = std::move(body);
  if (stacks_.empty()) {
    fiber->stack = mmap(nullptr, kStackSize, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (fiber->stack == MAP_FAILED) std::abort();
  } else {
    fiber->stack = stacks_.back();
    stacks_.pop_back();
  }
  getcontext(&fiber->context);
  fiber->context.uc_stack.ss_sp = fiber->stack;
  fiber->context.uc_stack.ss_size = kStackSize;
  fiber->context.uc_link = nullptr;
  const auto address = reinterpret_cast<std::uintptr_t>(fiber.get());
  makecontext(&fiber->context, reinterpret_cast<void (*)()>(&Runtime::Enter), 2,
              static_cast<unsigned>(address), static_cast<unsigned>(address >> 32));
  const FiberId id = fiber->id;
  ready_.push_back(id);
  fibers_.emplace(id, std::move(fiber));
  return id;
}

void Runtime::Enter(unsigned low, unsigned high) {
  const auto address = static_cast<std::uintptr_t>(low) | static_cast<std::uintptr_t>(high) << 32;
  // NOLINTNEXTLINE(performance-no-int-to-ptr): makecontext() takes integers only
  Fiber& fiber = *reinterpret_cast<Fiber*>(address);
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_finish_switch_fiber(nullptr, &main_stack, &main_stack_size);
#endif
  fiber.body();
  fiber.body = nullptr;
  fiber.has_ended = true;
  SwitchToMain(fiber.context);
}

void Runtime::Thaw(Host& host) {
  host.is_frozen = false;
  for (const FiberId id : std::exchange(parked_[host.id], {})) ready_.push_back(id);
}

bool Runtime::Block(const void* key, Time until) {
  Fiber& self = *running_;
  self.key = key;
  self.is_waiting = true;
  self.was_woken = false;
  const std::uint64_t ticket = ++self.ticket;
  waiting_.push_back(self.id);
  if (until < Time::max()) {
    At(until, [this, id = self.id, ticket] {
      const auto found = fibers_.find(id);
      if (found == fibers_.end() || !found->second->is_waiting) return;
      if (found->second->ticket == ticket) MakeReady(*found->second);
    });
  }
  SwitchToMain(self.context);
  return self.was_woken;
}

void Runtime::Join(FiberId fiber) {
  while (fibers_.contains(fiber)) Block(fibers_.at(fiber).get(), Time::max());
}

void Runtime::MakeReady(Fiber& fiber) {
  fiber.is_waiting = false;
  std::erase(waiting_, fiber.id);
  ready_.push_back(fiber.id);
}

void Runtime::WakeOne(const void* key) {
  for (const FiberId id : waiting_) {
    Fiber& fiber = *fibers_.at(id);
    if (fiber.key != key) continue;
    fiber.was_woken = true;
    MakeReady(fiber);
    return;
  }
}

void Runtime::WakeAll(const void* key) {
  for (std::size_t at = 0; at < waiting_.size();) {
    Fiber& fiber = *fibers_.at(waiting_[at]);
    if (fiber.key != key) {
      ++at;
      continue;
    }
    fiber.was_woken = true;
    MakeReady(fiber);  // The next one is at its place.
  }
}

void Runtime::Resume(Fiber& fiber) {
  running_ = &fiber;
  ++switches_;
  SwitchTo(main_context, fiber.context, fiber.stack, kStackSize);
  running_ = nullptr;
  const Host& host = *fiber.host;
  const FiberId id = fiber.id;
  if (fiber.has_ended) {
    const auto ended = fibers_.extract(id);
    stacks_.push_back(ended.mapped()->stack);
    WakeAll(ended.mapped().get());
  }
  if (on_run_) on_run_(host, id);
}

void Runtime::RunReady() {
  while (!ready_.empty()) {
    const FiberId id = ready_.front();
    ready_.pop_front();
    const auto found = fibers_.find(id);
    if (found == fibers_.end()) continue;
    Host& host = *found->second->host;
    if (host.is_frozen) {
      parked_[host.id].push_back(id);
    } else {
      Resume(*found->second);
    }
  }
}

void Runtime::RunUntil(Time time) {
  RunReady();
  while (!events_.empty() && events_.top().at <= time) {
    // The queue gives no access to move from.
    const auto run = events_.top().run;
    now_ = events_.top().at;
    events_.pop();
    run();
    RunReady();
  }
  now_ = std::max(now_, time);
}

}  // namespace simulation
