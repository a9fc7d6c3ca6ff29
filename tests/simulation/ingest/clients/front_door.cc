#include "tests/simulation/ingest/clients/front_door.h"

#include <utility>
#include <vector>

#include "common/base/rfc3339.h"
#include "tests/simulation/ingest/world/process.h"

namespace simulation::intake {

using common::http::HttpFault;
using std::chrono::microseconds;
using std::chrono::milliseconds;

namespace {

constexpr std::string_view kSecret = "secret";

}  // namespace

FrontDoor::FrontDoor(Process& process, const common::http::ServerOptions& options)
    : process_(process), runtime_(process.runtime()), options_(options) {
  process_.Opened(*this);
  process_.Watch(options_.watch.event, [this] {
    is_signalled_ = true;
    Wake();
  });
}

FrontDoor::~FrontDoor() {
  Stop();
  process_.Closed();
}

bool FrontDoor::Post(Posted posted, OnAnswer on_answer) {
  if (!is_listening() || is_stopped_) return false;
  const std::uint64_t id = ++last_connection_;
  Connection& connection = connections_[id];
  connection.posted = std::move(posted);
  connection.on_answer = std::move(on_answer);
  arrived_.push_back(id);
  Wake();
  return true;
}

void FrontDoor::Break() {
  is_stopped_ = true;
  for (auto& [id, connection] : std::exchange(connections_, {})) connection.on_answer(nullptr);
  Wake();
}

void FrontDoor::BreakUnread() {
  for (auto at = connections_.begin(); at != connections_.end();) {
    const auto connection = at++;
    if (connection->second.first_byte > Time()) continue;
    connections_.extract(connection).mapped().on_answer(nullptr);
  }
}

void FrontDoor::Wake() {
  is_woken_ = true;
  runtime_.WakeAll(&is_woken_);
}

void FrontDoor::Serve(common::http::Service& service) {
  service_ = &service;
  worker_ = runtime_.Spawn(process_.host(), [this] { Run(); });
}

void FrontDoor::Run() {
  while (!is_stopped_) {
    const Time until = runtime_.now() + common::http::kTimerGrain;
    while (!is_woken_ && runtime_.now() < until) runtime_.Block(&is_woken_, until);
    is_woken_ = false;
    while (!arrived_.empty() && !is_stopped_) {
      const std::uint64_t id = arrived_.front();
      arrived_.pop_front();
      Receive(id);
    }
    const bool is_time = runtime_.now() >= until;
    if (std::exchange(is_signalled_, false) || is_time) options_.watch.on_event();
    Expire();
  }
}

common::http::RequestHead FrontDoor::HeadOf(const Connection& connection) const {
  return {.method = "POST",
          .target = connection.posted.path,
          .path = connection.posted.path,
          .fields = {{"authorization", kSecret}, {"content-type", "application/json"}},
          .first_byte = connection.first_byte,
          .received_at = connection.received_at};
}

void FrontDoor::Receive(std::uint64_t id) {
  const auto found = connections_.find(id);
  if (found == connections_.end()) return;
  Connection& connection = found->second;
  if (connection.is_admitted) return Handle(id, connection);
  connection.first_byte = runtime_.now();
  connection.received_at = common::WallNow();
  process_.judge().Received(process_.host(), connection.posted.delivery);
  const common::http::Admission admission = service_->Admit(HeadOf(connection));
  connection.tag = admission.tag;
  if (admission.refusal) return Answer(id, *admission.refusal);
  connection.is_admitted = true;
  if (!connection.posted.comes_in_pieces) return Handle(id, connection);
  const std::size_t half = connection.posted.body.size() / 2;
  if (!service_->MayHold(0, half, connection.tag)) {
    service_->ReceptionEnded(connection.tag);
    return Answer(id, service_->AnswerFault(HttpFault::kOverloaded, connection.tag));
  }
  connection.held = half;
  runtime_.After(connection.posted.pause, [&process = process_, id] {
    if (FrontDoor* const door = process.door()) {
      door->arrived_.push_back(id);
      door->Wake();
    }
  });
}

void FrontDoor::LetGo(Connection& connection) {
  if (connection.held > 0) {
    service_->Released(std::exchange(connection.held, 0), connection.tag);
  }
  if (connection.is_admitted && !connection.is_handled) service_->ReceptionEnded(connection.tag);
}

void FrontDoor::Handle(std::uint64_t id, Connection& connection) {
  LetGo(connection);
  connection.is_handled = true;
  // The answer may come, and end the connection, before Handle() returns.
  const Connection handled = connection;
  const auto answer = service_->Handle(HeadOf(handled), handled.posted.body, handled.tag,
                                       {.worker = 0, .connection = id, .request = 1});
  if (answer) Answer(id, *answer);
}

void FrontDoor::Complete(const common::http::Ticket& ticket, common::http::Answer answer) {
  Answer(ticket.connection, std::move(answer));
}

void FrontDoor::Answer(std::uint64_t id, common::http::Answer answer) {
  auto node = connections_.extract(id);
  if (node.empty()) return;
  Connection& connection = node.mapped();
  process_.judge().Answered(process_.host(), connection.posted.delivery, answer);
  service_->Answered({.tag = connection.tag,
                      .fault = std::nullopt,
                      .status = answer.status,
                      .note = answer.note,
                      .since_head = runtime_.now() - connection.first_byte});
  // The worker writes it.
  runtime_.After(microseconds(300), [&host = process_.host(), answer = std::move(answer),
                                     on_answer = std::move(connection.on_answer)] {
    on_answer(host.is_dead ? nullptr : &answer);
  });
}

void FrontDoor::Expire() {
  std::vector<std::uint64_t> late;
  const Time now = runtime_.now();
  for (auto& [id, connection] : connections_) {
    const bool has_begun = connection.first_byte > Time();
    if (has_begun && connection.first_byte + options_.answer_deadline <= now) late.push_back(id);
  }
  for (const std::uint64_t id : late) {
    Connection& connection = connections_.at(id);
    LetGo(connection);
    service_->Abandoned({.worker = 0, .connection = id, .request = 1});
    Answer(id, service_->AnswerFault(HttpFault::kAnswerTooLate, connection.tag));
  }
}

void FrontDoor::BeginDrain() { is_draining_ = true; }

bool FrontDoor::WaitDrained(Time until) {
  while (!connections_.empty() && runtime_.now() < until && !is_stopped_) {
    runtime_.Block(&connections_, std::min(until, runtime_.now() + milliseconds(10)));
  }
  return connections_.empty();
}

void FrontDoor::Stop() {
  const bool was_stopped = std::exchange(is_stopped_, true);
  Wake();
  if (worker_ != 0) runtime_.Join(std::exchange(worker_, 0));
  if (was_stopped) return;
  for (auto& [id, connection] : std::exchange(connections_, {})) {
    process_.judge().Dropped(process_.host(), connection.posted.delivery);
    connection.on_answer(nullptr);
  }
}

}  // namespace simulation::intake
