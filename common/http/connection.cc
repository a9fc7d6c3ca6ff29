#include "common/http/connection.h"

#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "common/base/rfc3339.h"
#include "common/http/foreign_protocol.h"
#include "common/http/render.h"

namespace common::http {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kMaxSkippedBody =
    std::size_t{64} * 1024;  // of a refused request on a connection kept
constexpr auto kLingerTime = std::chrono::seconds(1);

}  // namespace

Connection::Connection(std::uint64_t id, Fd socket, Seat seat, WorkerContext& context)
    : id_(id),
      seat_(std::move(seat)),
      socket_(std::move(socket)),
      context_(context),
      framer_(context.options.max_head, context.options.max_body) {
  timing_.idle_since = Clock::now();
  Reschedule();
}

void Connection::Refuse() {
  SendFault(Fault::kTooManyConnections, true);
  Reschedule();
}

void Connection::OnReadable() {
  switch (state_) {
    case State::kReading:
      break;
    case State::kInFlight:
    case State::kWriting:
      return PauseReading();
    case State::kLingering:
      return Discard();
    case State::kClosed:
      return;
  }
  const ssize_t got = ::recv(socket_.get(), context_.input.data(), context_.input.size(), 0);
  if (got > 0) {
    timing_.arrival = waiting_since_ ? *std::exchange(waiting_since_, {}) : Clock::now();
    Take({context_.input.data(), static_cast<std::size_t>(got)});
  } else if (got == 0) {
    OnEndOfInput();
  } else if (errno != EAGAIN && errno != EINTR) {
    Close();
  }
}

/// More bytes, or a half-close, while the answer is awaited: they stay where they are. Readiness is
/// level-triggered and would be told again and again.
void Connection::PauseReading() {
  if (!waiting_since_) waiting_since_ = Clock::now();
  SetInterest(state_ == State::kWriting ? Interest::kWrite : Interest::kNothing);
}

void Connection::Take(std::string_view input) {
  do {
    if (framer_.AtStart()) {
      timing_.first_byte = timing_.arrival;
      request_ = {};
    }
    ReadRequest(input);
  } while (state_ == State::kReading && !input.empty());
  if (state_ == State::kInFlight || state_ == State::kWriting) KeepBacklog(input);
  Reschedule();
}

void Connection::ReadRequest(std::string_view& input) {
  while (state_ == State::kReading) {
    switch (framer_.Read(input)) {
      case Framer::Step::kMore:
        return Account() ? SendContinue() : SendFault(Fault::kOverloaded, true);
      case Framer::Step::kHead:
        OnHead();
        break;
      case Framer::Step::kRequest:
        return OnRequest();
      case Framer::Step::kFault:
        NoteForeignProtocol();
        return request_.is_refused ? Linger() : SendFault(framer_.fault(), true);
    }
  }
}

/// Only at the beginning of a connection; it is malformed HTTP there, which is answered.
void Connection::NoteForeignProtocol() {
  if (timing_.has_asked) return;
  const auto protocol = RecognizeProtocol(framer_.empty_lines(), framer_.head_bytes());
  if (protocol) context_.service.Met(*protocol);
}

void Connection::OnHead() {
  timing_.head_at = Clock::now();
  timing_.has_asked = true;
  ++request_number_;
  RequestHead& head = framer_.head();
  head.first_byte = timing_.first_byte;
  head.received_at = WallNow();
  request_.has_head = true;
  request_.wants_no_body = head.method == "HEAD";
  auto admission = context_.service.Admit(head);
  if (!admission) return SendFault(Fault::kInternal, true);
  request_.tag = admission->tag;
  if (admission->refusal) return SendRefusal(std::move(*admission->refusal));
  was_admitted_ = true;
  framer_.ReadBody();
}

/// Answers before the body is there, so that a slow body holds nothing. A short body is read away
/// afterwards and the connection goes on.
void Connection::SendRefusal(Answer refusal) {
  const Framing& framing = framer_.framing();
  const bool has_body = framing.chunked || framing.length > 0;
  const bool can_skip =
      !has_body || (!framing.expects_continue && framing.length <= kMaxSkippedBody);
  framer_.SkipBody(kMaxSkippedBody);
  request_.is_refused = true;
  Send(std::move(refusal), std::nullopt, !can_skip);
}

void Connection::SendContinue() {
  if (!framer_.InBody() || !framer_.framing().expects_continue) return;
  if (request_.is_continued || framer_.HasBodyBytes()) return;
  request_.is_continued = true;
  const ssize_t sent =
      ::send(socket_.get(), kContinue.data(), kContinue.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent != static_cast<ssize_t>(kContinue.size())) Close();
}

void Connection::OnRequest() {
  if (request_.is_refused) {
    timing_.idle_since = Clock::now();
    return framer_.Next();
  }
  // A pipelined request may have waited for its turn until it was too late.
  if (Clock::now() >= timing_.AnswerDue(context_.options)) {
    framer_.Next();
    return SendFault(Fault::kAnswerTooLate, false);
  }
  ReleaseHeld();  // the service counts what it takes
  context_.counters.requests.Increment();
  state_ = State::kInFlight;
  std::optional<Answer> answer;
  const bool is_handled =
      context_.service.Handle(framer_.head(), framer_.body(), *request_.tag,
                              Ticket{context_.worker, id_, request_number_}, answer);
  framer_.Next();
  if (!is_handled) return SendFault(Fault::kInternal, false);
  if (answer) Send(*std::move(answer), std::nullopt, false);
}

void Connection::OnEndOfInput() {
  if (framer_.InHead()) {
    SendFault(Fault::kHeadTooSlow, true);
  } else if (framer_.InBody()) {
    SendFault(Fault::kBodyTooSlow, true);
  } else {
    Close();
  }
  Reschedule();
}

void Connection::SetInterest(Interest interest) {
  if (interest == interest_ || IsClosed()) return;
  interest_ = interest;
  if (!context_.poller.Change(socket_, id_, interest)) Close();
}

void Connection::Reschedule() {
  NoteIdleness();
  if (!IsClosed()) context_.timers.Schedule(*this, Due());
}

/// Nobody waits for an answer here: nor while the body of a refused request is skipped.
bool Connection::IsIdle() const {
  return state_ == State::kReading && (framer_.AtStart() || framer_.IsSkipping());
}

void Connection::NoteIdleness() {
  if (!IsIdle()) return IdleConnections::Leave(*this);
  IdleShare& idle = context_.idle;
  const bool is_kept = was_admitted_ && !framer_.IsSkipping();
  (is_kept ? idle.kept : idle.silent).Enter(*this, timing_.idle_since);
}

bool Connection::Evict() {
  const std::uint64_t asked = request_number_;
  try {
    OnReadable();  // a request that has just arrived is answered
  } catch (...) {  // out of memory
    Close();
  }
  if (IsClosed()) return true;
  if (!IsIdle() || request_number_ != asked) return false;
  context_.counters.connections_evicted.Increment();
  context_.service.ConnectionEvicted();
  Close();
  return true;
}

Connection::TimePoint Connection::Due() const {
  const ServerOptions& options = context_.options;
  switch (state_) {
    case State::kReading:
      if (framer_.InHead()) return timing_.HeadDue(options);
      if (framer_.InBody()) return timing_.BodyDue(options);
      if (framer_.IsSkipping()) return timing_.SkippedBodyDue(options);
      return timing_.IdleDue(options, context_.idle_end);
    case State::kInFlight:
      return timing_.AnswerDue(options);
    case State::kWriting:
      return outbox_.last_progress() + options.write_timeout;
    case State::kLingering:
    case State::kClosed:
      break;
  }
  return lingers_since_ + kLingerTime;
}

void Connection::OnTimer(TimePoint now) {
  try {
    Expire(now);
    Reschedule();
  } catch (...) {  // out of memory
    Close();
  }
}

void Connection::Expire(TimePoint now) {
  switch (state_) {
    case State::kReading:
      if (framer_.InHead()) return SendFault(Fault::kHeadTooSlow, true);
      if (framer_.InBody()) return SendFault(Fault::kBodyTooSlow, true);
      return OnIdleTooLong(now);
    case State::kInFlight:
      SendFault(Fault::kAnswerTooLate, false);
      return Resume();
    case State::kWriting:
      context_.counters.closed_unread.Increment();
      return Close();
    case State::kLingering:
    case State::kClosed:
      return Close();
  }
}

void Connection::OnIdleTooLong(TimePoint now) {
  OnReadable();  // a request that has just arrived is answered
  if (state_ != State::kReading || Due() > now) return;
  context_.counters.closed_idle.Increment();
  Close();
}

}  // namespace common::http
