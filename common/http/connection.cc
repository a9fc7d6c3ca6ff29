#include "common/http/connection.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "common/base/rfc3339.h"
#include "common/http/render.h"

namespace common::http {
namespace {

constexpr std::size_t kMaxSkippedBody = 64 * 1024;  // of a refused request on a connection kept
constexpr std::size_t kDiscardedBesideBody = 64 * 1024;
constexpr auto kLingerTime = std::chrono::seconds(1);
constexpr std::size_t kWriteProgress = 64 * 1024;  // that a reading client takes per write_timeout

}  // namespace

Connection::Connection(std::uint64_t id, Fd socket, WorkerContext& context)
    : id_(id),
      socket_(std::move(socket)),
      context_(context),
      framer_(context.options.max_head, context.options.max_body),
      idle_since_(Clock::now()),
      arrival_(idle_since_) {
  Reschedule();
}

void Connection::Refuse() {
  SendFault(Fault::kTooManyConnections, true);
  if (!IsClosed()) Reschedule();
}

void Connection::OnReadable() {
  switch (state_) {
    case State::kReading:
      break;
    case State::kInFlight:
    case State::kWriting:
      // Level-triggered: stay away from it until the answer is out. More bytes, or a half-close.
      waiting_since_ = Clock::now();
      SetInterest(state_ == State::kWriting ? Interest::kWrite : Interest::kNothing);
      return;
    case State::kLingering:
      return Discard();
    case State::kClosed:
      return;
  }
  const ssize_t got = ::recv(socket_.get(), context_.input.data(), context_.input.size(), 0);
  if (got > 0) {
    arrival_ = waiting_since_ ? *std::exchange(waiting_since_, {}) : Clock::now();
    Take({context_.input.data(), static_cast<std::size_t>(got)});
  } else if (got == 0) {
    OnEndOfInput();
  } else if (errno != EAGAIN && errno != EINTR) {
    Close();
  }
}

void Connection::Take(std::string_view input) {
  do {
    if (framer_.AtStart() && !input.empty()) BeginRequest();
    Step(input);
  } while (state_ == State::kReading && !input.empty());
  if (state_ == State::kInFlight || state_ == State::kWriting) backlog_.assign(input);
  if (!IsClosed()) Reschedule();
}

void Connection::Step(std::string_view& input) {
  // Once the head is there, the body that came with it follows at once.
  while (state_ == State::kReading) {
    switch (framer_.Read(input)) {
      case Framer::Step::kMore:
        if (framer_.InBody()) SendContinue();
        return;
      case Framer::Step::kHead:
        OnHead();
        break;
      case Framer::Step::kRequest:
        return OnRequest();
      case Framer::Step::kFault:
        return is_refused_ ? Linger() : SendFault(framer_.fault(), true);
    }
  }
}

void Connection::BeginRequest() {
  first_byte_ = arrival_;
  tag_.reset();
  has_head_ = false;
  wants_no_body_ = false;
  is_continued_ = false;
}

void Connection::OnHead() {
  RequestHead& head = framer_.head();
  head.first_byte = first_byte_;
  head.received_at = WallNow();
  head_at_ = Clock::now();
  has_head_ = true;
  wants_no_body_ = head.method == "HEAD";
  ++request_;
  try {
    Admission admission = context_.service.Admit(head);
    tag_ = admission.tag;
    if (admission.refusal) return SendRefusal(std::move(*admission.refusal));
  } catch (...) {
    context_.counters.service_exceptions.Increment();
    return SendFault(Fault::kInternal, true);
  }
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
  is_refused_ = true;
  Send(std::move(refusal), std::nullopt, !can_skip);
}

void Connection::SendContinue() {
  if (!framer_.framing().expects_continue || is_continued_ || framer_.HasBodyBytes()) return;
  is_continued_ = true;
  const ssize_t sent =
      ::send(socket_.get(), kContinue.data(), kContinue.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent != static_cast<ssize_t>(kContinue.size())) Close();
}

void Connection::OnRequest() {
  if (is_refused_) {
    is_refused_ = false;
    framer_.Next();
    idle_since_ = Clock::now();
    return;
  }
  // A pipelined request may have waited for its turn until it was too late.
  if (Clock::now() >= first_byte_ + context_.options.answer_deadline) {
    framer_.Next();
    return SendFault(Fault::kAnswerTooLate, false);
  }
  context_.counters.requests.Increment();
  std::optional<Answer> answer;
  state_ = State::kInFlight;
  try {
    answer = context_.service.Handle(framer_.head(), framer_.body(), *tag_,
                                     Ticket{context_.worker, id_, request_});
  } catch (...) {
    context_.counters.service_exceptions.Increment();
    framer_.Next();
    return SendFault(Fault::kInternal, false);
  }
  framer_.Next();
  if (answer) Send(std::move(*answer), std::nullopt, false);
}

void Connection::OnEndOfInput() {
  if (framer_.InHead()) {
    SendFault(Fault::kHeadTooSlow, true);
  } else if (framer_.InBody()) {
    SendFault(Fault::kBodyTooSlow, true);
  } else {
    Close();
  }
  if (!IsClosed()) Reschedule();
}

bool Connection::Complete(std::uint64_t request, Answer answer) {
  if (state_ != State::kInFlight || request != request_) return false;
  Send(std::move(answer), std::nullopt, false);
  Resume();
  return true;
}

void Connection::SendFault(Fault fault, bool close) {
  Answer answer;
  try {
    answer = context_.service.AnswerFault(fault, tag_);
  } catch (...) {
    context_.counters.service_exceptions.Increment();
    answer.status = DefaultStatus(fault);
  }
  Send(std::move(answer), fault, close);
}

void Connection::Send(Answer answer, std::optional<Fault> fault, bool close) {
  const Framing& framing = framer_.framing();
  const bool keeps =
      has_head_ && framing.keep_alive && !close && !answer.close && !context_.idle_end;
  outgoing_ = Outgoing{.fault = fault, .status = answer.status, .close = !keeps};
  state_ = State::kWriting;
  RenderHead(answer, {.close = !keeps, .http11 = !has_head_ || framing.http11}, context_.head);
  if (wants_no_body_) answer.body.clear();
  switch (outbox_.Send(socket_.get(), context_.head, answer.body)) {
    case Outbox::Outcome::kSent:
      return OnSent();
    case Outbox::Outcome::kPartial:
      phase_since_ = Clock::now();
      progress_mark_ = outbox_.sent();
      return SetInterest(Interest::kWrite);
    case Outbox::Outcome::kGone:
      return Close();
  }
}

void Connection::OnWritable() {
  if (state_ != State::kWriting) return;
  switch (outbox_.Flush(socket_.get())) {
    case Outbox::Outcome::kSent:
      OnSent();
      return Resume();
    case Outbox::Outcome::kPartial:
      if (outbox_.sent() - progress_mark_ >= kWriteProgress) {
        phase_since_ = Clock::now();
        progress_mark_ = outbox_.sent();
        Reschedule();
      }
      return;
    case Outbox::Outcome::kGone:
      return Close();
  }
}

void Connection::OnSent() {
  Report();
  if (outgoing_.close) return Linger();
  state_ = State::kReading;
  idle_since_ = Clock::now();
}

void Connection::Report() {
  try {
    context_.service.Answered(
        {.tag = tag_,
         .fault = outgoing_.fault,
         .status = outgoing_.status,
         .since_head = has_head_ ? Clock::now() - head_at_ : Clock::duration::zero()});
  } catch (...) {
    context_.counters.service_exceptions.Increment();
  }
}

/// Goes on after an answer that did not leave within the event that brought its request.
void Connection::Resume() {
  if (IsClosed()) return;
  if (state_ == State::kReading) {
    SetInterest(Interest::kRead);
    if (!backlog_.empty() || framer_.IsSkipping()) {
      const std::string input = std::exchange(backlog_, {});
      return Take(input);
    }
  }
  Reschedule();
}

/// Ends the connection so that the client can read the answer: a close(2) with unread bytes would
/// reset the connection, and the client might lose what it had not read yet.
void Connection::Linger() {
  state_ = State::kLingering;
  phase_since_ = Clock::now();
  backlog_.clear();
  ::shutdown(socket_.get(), SHUT_WR);
  SetInterest(Interest::kRead);
}

void Connection::Discard() {
  const ssize_t got = ::recv(socket_.get(), context_.input.data(), context_.input.size(), 0);
  if (got > 0) {
    discarded_ += static_cast<std::size_t>(got);
    if (discarded_ > kDiscardedBesideBody + context_.options.max_body) Close();
  } else if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
    Close();
  }
}

void Connection::Close() {
  if (IsClosed()) return;
  if (state_ == State::kWriting) Report();
  if (state_ == State::kInFlight) context_.counters.closed_in_flight.Increment();
  state_ = State::kClosed;
  socket_.Reset();
  context_.closed.push_back(id_);
}

void Connection::SetInterest(Interest interest) {
  if (interest == interest_ || IsClosed()) return;
  interest_ = interest;
  if (!context_.poller.Change(socket_, id_, interest)) Close();
}

void Connection::Reschedule() { context_.timers.Schedule(*this, Due()); }

Connection::TimePoint Connection::Due() const {
  const ServerOptions& options = context_.options;
  switch (state_) {
    case State::kReading: {
      const TimePoint answer_due = first_byte_ + options.answer_deadline;
      if (framer_.InHead()) {
        return std::min(std::max(first_byte_, idle_since_) + options.header_timeout, answer_due);
      }
      if (framer_.InBody()) return std::min(head_at_ + options.body_timeout, answer_due);
      return framer_.IsSkipping() ? head_at_ + options.body_timeout : IdleEnd();
    }
    case State::kInFlight:
      return first_byte_ + options.answer_deadline;
    case State::kWriting:
      return phase_since_ + options.write_timeout;
    case State::kLingering:
    case State::kClosed:
      break;
  }
  return phase_since_ + kLingerTime;
}

Connection::TimePoint Connection::IdleEnd() const {
  const ServerOptions& options = context_.options;
  const TimePoint end =
      idle_since_ + (request_ == 0 ? options.header_timeout : options.idle_timeout);
  return context_.idle_end ? std::min(end, *context_.idle_end) : end;
}

void Connection::OnTimer(TimePoint now) {
  try {
    Expire(now);
    if (!IsClosed()) Reschedule();
  } catch (...) {  // out of memory
    Close();
  }
}

void Connection::Expire(TimePoint now) {
  switch (state_) {
    case State::kReading:
      if (framer_.InHead()) {
        SendFault(Fault::kHeadTooSlow, true);
      } else if (framer_.InBody()) {
        SendFault(Fault::kBodyTooSlow, true);
      } else {
        OnReadable();  // a request that has just arrived is answered
        if (state_ == State::kReading && Due() <= now) {
          context_.counters.closed_idle.Increment();
          Close();
        }
      }
      break;
    case State::kInFlight:
      SendFault(Fault::kAnswerTooLate, false);
      return Resume();
    case State::kWriting:
      context_.counters.closed_unread.Increment();
      Close();
      break;
    case State::kLingering:
    case State::kClosed:
      Close();
      break;
  }
}

}  // namespace common::http
