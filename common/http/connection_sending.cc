#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "common/http/connection.h"
#include "common/http/render.h"

// The half of Connection that answers and ends; connection.cc reads and asks.

namespace common::http {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kDiscardedBesideBody = std::size_t{64} * 1024;

}  // namespace

bool Connection::Complete(std::uint64_t request, Answer answer) {
  if (state_ != State::kInFlight || request != request_number_) return false;
  Send(std::move(answer), std::nullopt, false);
  Resume();
  return true;
}

void Connection::SendFault(Fault fault, bool close) {
  Send(context_.service.AnswerFault(fault, request_.tag), fault, close);
}

void Connection::Send(Answer answer, std::optional<Fault> fault, bool close) {
  const Framing& framing = framer_.framing();
  const bool keeps = request_.has_head && framing.keep_alive && !close && !answer.close &&
                     !request_.is_last && !context_.idle_end;
  outgoing_ =
      Outgoing{.fault = fault, .status = answer.status, .note = answer.note, .closes = !keeps};
  state_ = State::kWriting;
  RenderHead(answer, {.close = !keeps, .http11 = !request_.has_head || framing.http11},
             context_.head);
  if (request_.wants_no_body) answer.body.clear();
  if (!keeps) DropInput();
  switch (outbox_.Send(socket_.get(), context_.head, answer.body)) {
    case Outbox::Outcome::kSent:
      return OnSent();
    case Outbox::Outcome::kPartial:
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
      return Reschedule();
    case Outbox::Outcome::kGone:
      return Close();
  }
}

void Connection::OnSent() {
  Report();
  if (outgoing_.closes) return Linger();
  state_ = State::kReading;
  timing_.idle_since = Clock::now();
}

void Connection::Report() {
  context_.service.Answered(
      {.tag = request_.tag,
       .fault = outgoing_.fault,
       .status = outgoing_.status,
       .note = outgoing_.note,
       .since_head = request_.has_head ? Clock::now() - timing_.head_at : Clock::duration::zero()});
}

/// Goes on after an answer that did not leave within the event that brought its request.
void Connection::Resume() {
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
  lingers_since_ = Clock::now();
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

void Connection::Close() noexcept {
  if (IsClosed()) return;
  if (state_ == State::kWriting) Report();
  if (state_ == State::kInFlight) context_.counters.closed_in_flight.Increment();
  state_ = State::kClosed;
  ReleaseHeld();
  socket_.Reset();
  context_.closed.Add(closed_link_);
}

}  // namespace common::http
