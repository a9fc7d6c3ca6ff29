#include "common/http/connection.h"

#include <sys/socket.h>

#include <cerrno>
#include <string>
#include <utility>

#include "common/http/render.h"

namespace common::http {
namespace {

using Clock = std::chrono::steady_clock;

}  // namespace

Connection::Connection(std::uint64_t id, Fd socket, Seat seat, WorkerContext& context)
    : id_(id),
      seat_(std::move(seat)),
      socket_(std::move(socket)),
      context_(context),
      reader_(context.options, context.service) {
  timing_.idle_since = Clock::now();
  Reschedule();
}

void Connection::Refuse() {
  SendFault(HttpFault::kTooManyConnections, true);
  Reschedule();
}

void Connection::OnReadable() {
  switch (state_) {
    case State::kReading:
      break;
    case State::kInFlight:
      if (HasEnded()) {
        if (context_.options.leaves_at_end_of_input) return Close();
        NoteLeft();
      }
      return PauseReading();
    case State::kWriting:
      return PauseReading();
    case State::kLingering:
      if (!lingering_.Discard(socket_, context_.input, context_.options.max_body)) Close();
      return;
    case State::kClosed:
      return;
  }
  const ssize_t got = ::recv(socket_.get(), context_.input.data(), context_.input.size(), 0);
  if (got > 0) {
    timing_.arrival = waiting_since_ ? *std::exchange(waiting_since_, {}) : Clock::now();
    Receive({context_.input.data(), static_cast<std::size_t>(got)});
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

/// The input has ended. False if bytes wait before its end: then nobody looks there.
bool Connection::HasEnded() const {
  char byte = 0;
  return ::recv(socket_.get(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

/// Most clients that end their input have closed their socket: they do not wait any more.
void Connection::NoteLeft() noexcept {
  if (std::exchange(noted_left_, reader_.number()) == reader_.number()) return;
  context_.service.ClientLeft(*reader_.tag());
}

Ticket Connection::TicketOfRequest() const { return {context_.worker, id_, reader_.number()}; }

/// Requests are counted by their heads: without one, the number is still that of the request
/// before.
Ticket Connection::TicketOfAnswer() const {
  Ticket ticket = TicketOfRequest();
  if (!reader_.has_head()) ticket.request = kNoRequest;
  return ticket;
}

void Connection::Receive(std::string_view input) {
  do {
    if (reader_.AtStart()) {
      timing_.first_byte = timing_.arrival;
      reader_.Begin();
    }
    ReadRequest(input);
  } while (state_ == State::kReading && !input.empty());
  const bool is_answering = state_ == State::kInFlight || state_ == State::kWriting;
  if (is_answering && !writer_.closes() && !reader_.Keep(input)) writer_.CloseAfterAnswer();
  Reschedule();
}

void Connection::ReadRequest(std::string_view& input) {
  while (state_ == State::kReading) {
    switch (reader_.Read(input)) {
      case RequestReader::Step::kMore:
        return SendContinue();
      case RequestReader::Step::kHead:
        OnHead();
        break;
      case RequestReader::Step::kRequest:
        return OnRequest();
      case RequestReader::Step::kSkipped:
        timing_.idle_since = Clock::now();
        return;
      case RequestReader::Step::kFault:
        return reader_.is_refused() ? Linger() : SendFault(reader_.fault(), true);
    }
  }
}

void Connection::OnHead() {
  timing_.head_at = Clock::now();
  timing_.has_asked = true;
  std::optional<Answer> refusal;
  if (!reader_.Admit(timing_.first_byte, refusal)) return SendFault(HttpFault::kInternal, true);
  if (refusal) Send(*std::move(refusal), std::nullopt, false);
}

void Connection::SendContinue() {
  if (!reader_.MustContinue()) return;
  const ssize_t sent =
      ::send(socket_.get(), kContinue.data(), kContinue.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent != static_cast<ssize_t>(kContinue.size())) Close();
}

void Connection::OnRequest() {
  // A pipelined request may have waited for its turn until it was too late.
  if (Clock::now() >= timing_.AnswerDue(context_.options)) {
    reader_.Forget();
    return SendFault(HttpFault::kAnswerTooLate, false);
  }
  context_.counters.requests.Increment();
  state_ = State::kInFlight;
  std::optional<Answer> answer;
  if (!reader_.Handle(TicketOfRequest(), answer)) {
    return SendFault(HttpFault::kInternal, false);
  }
  if (answer) Send(*std::move(answer), std::nullopt, false);
}

void Connection::OnEndOfInput() {
  if (reader_.InHead()) {
    SendFault(HttpFault::kHeadTooSlow, true);
  } else if (reader_.InBody()) {
    SendFault(HttpFault::kBodyTooSlow, true);
  } else {
    Close();
  }
  Reschedule();
}

bool Connection::Complete(std::uint64_t request, Answer answer) {
  if (state_ != State::kInFlight || request != reader_.number()) return false;
  Send(std::move(answer), std::nullopt, false);
  Resume();
  return true;
}

void Connection::SendFault(HttpFault fault, bool close) {
  Send(context_.service.AnswerFault(fault, reader_.tag()), fault, close);
}

void Connection::Send(Answer answer, std::optional<HttpFault> fault, bool close) {
  const bool keeps = reader_.MayContinue() && !close && !answer.close && !context_.idle_end;
  state_ = State::kWriting;
  writer_.Prepare(answer,
                  {.tag = reader_.tag(),
                   .fault = fault,
                   .closes = !keeps,
                   .http11 = reader_.is_http11(),
                   .without_body = reader_.wants_no_body(),
                   .ticket = TicketOfAnswer()},
                  context_.head);
  if (!keeps) reader_.Drop();
  ExpectIdleness();
  switch (writer_.Send(socket_, answer, context_.head)) {
    case Outbox::SendStatus::kSent:
      return OnSent();
    case Outbox::SendStatus::kPartial:
      return SetInterest(Interest::kWrite);
    case Outbox::SendStatus::kGone:
      return Close();
  }
}

/// To be called before bytes leave that may be the last ones of an answer. Its client may come back
/// on another connection as soon as it has them, while this thread still waits for its turn: then
/// other workers must find this connection idle, and since when its client could have known it.
void Connection::ExpectIdleness() {
  timing_.idle_since = Clock::now();
  EnterIdle(!writer_.closes());
}

void Connection::OnWritable() {
  if (state_ != State::kWriting) return;
  ExpectIdleness();
  switch (writer_.Flush(socket_)) {
    case Outbox::SendStatus::kSent:
      OnSent();
      return Resume();
    case Outbox::SendStatus::kPartial:
      return Reschedule();
    case Outbox::SendStatus::kGone:
      return Close();
  }
}

void Connection::OnSent() {
  Report();
  if (writer_.closes()) return Linger();
  state_ = State::kReading;
}

void Connection::Report() {
  writer_.Report(context_.service,
                 reader_.has_head() ? Clock::now() - timing_.head_at : Clock::duration::zero());
}

/// Goes on after an answer that did not leave within the event that brought its request.
void Connection::Resume() {
  if (state_ == State::kReading) {
    SetInterest(Interest::kRead);
    if (reader_.HasKept() || reader_.IsSkipping()) {
      const std::string input = reader_.TakeKept();
      return Receive(input);
    }
  }
  Reschedule();
}

void Connection::Linger() {
  state_ = State::kLingering;
  lingering_.Begin(socket_, Clock::now());
  SetInterest(Interest::kRead);
}

void Connection::Close() noexcept {
  if (IsClosed()) return;
  if (state_ == State::kWriting) Report();
  if (state_ == State::kInFlight) {
    context_.counters.closed_in_flight.Increment();
    context_.service.Abandoned(TicketOfRequest());
  }
  const bool is_being_received = state_ == State::kReading && reader_.InBody();
  if (state_ == State::kInFlight || is_being_received) NoteLeft();
  state_ = State::kClosed;
  reader_.Release();
  socket_.Reset();
  // In this order: its client comes back at once, and another worker must find the place free or
  // this connection idle.
  seat_.LeavePlace();
  IdleConnections::Leave(*this);
  context_.closed.Add(closed_link_);
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

/// Nobody waits for an answer here: nor while the body of a refused request is skipped, nor once
/// the last answer is sent.
bool Connection::IsIdle() const {
  if (state_ == State::kLingering) return true;
  return state_ == State::kReading && (reader_.AtStart() || reader_.IsSkipping());
}

/// Or nobody knows who it is for: strangers must not hold the places of others with requests that
/// never end, or with answers that they do not read.
bool Connection::MayMakeRoom() const {
  if (IsIdle()) return true;
  return !reader_.knows_sender() && (state_ == State::kReading || state_ == State::kWriting);
}

/// A request that begins, or an answer that is not read, does not make it less idle: it keeps the
/// place of its last idleness.
void Connection::NoteIdleness() {
  if (!MayMakeRoom()) return IdleConnections::Leave(*this);
  if (IsIdle()) EnterIdle(state_ == State::kReading);
}

void Connection::EnterIdle(bool goes_on) {
  if (!seat_.has_place()) return;  // A refused newcomer has no place to give.
  IdleShare& idle = context_.idle;
  const bool is_kept = goes_on && reader_.has_admitted() && !reader_.IsSkipping();
  (is_kept ? idle.kept : idle.silent).Enter(*this, timing_.idle_since);
}

bool Connection::Evict() {
  const std::uint64_t asked = reader_.number();
  try {
    OnReadable();  // a request that has just arrived is answered
    if (IsClosed()) return true;
    if (!MayMakeRoom() || reader_.number() != asked) return false;
    context_.counters.connections_evicted.Increment();
    context_.service.ConnectionEvicted();
    if (reader_.InHead() || reader_.InBody()) SendFault(HttpFault::kTooManyConnections, true);
  } catch (...) {  // out of memory
  }
  Close();
  return true;
}

Connection::TimePoint Connection::Due() const {
  const ServerOptions& options = context_.options;
  switch (state_) {
    case State::kReading:
      if (reader_.InHead()) return timing_.HeadDue(options);
      if (reader_.InBody()) return timing_.BodyDue(options);
      if (reader_.IsSkipping()) return timing_.SkippedBodyDue(options);
      return timing_.IdleDue(options, context_.idle_end);
    case State::kInFlight:
      return timing_.AnswerDue(options);
    case State::kWriting:
      return writer_.last_progress() + options.write_timeout;
    case State::kLingering:
    case State::kClosed:
      break;
  }
  return lingering_.due();
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
      if (reader_.InHead()) return SendFault(HttpFault::kHeadTooSlow, true);
      if (reader_.InBody()) return SendFault(HttpFault::kBodyTooSlow, true);
      return OnIdleTooLong(now);
    case State::kInFlight:
      context_.service.Abandoned(TicketOfRequest());
      SendFault(HttpFault::kAnswerTooLate, false);
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
