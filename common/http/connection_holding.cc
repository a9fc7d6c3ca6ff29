#include <string>
#include <utility>

#include "common/http/connection.h"
#include "common/http/heap_bytes.h"

// What a connection keeps of requests that are not whole or whose turn has not come.

namespace common::http {

/// What came behind a request that is not answered yet. If it may not be kept, the connection ends
/// with that answer: a client asks again what was not answered on a connection that is closed.
void Connection::KeepBacklog(std::string_view input) {
  if (request_.is_last || outgoing_.closes) return;
  backlog_.assign(input);
  if (Account()) return;
  request_.is_last = true;
  outgoing_.closes = true;  // of an answer that is being written
  DropInput();
}

/// Keeps the service's account of what is held here. False: it may not be.
bool Connection::Account() {
  const std::size_t held = framer_.HeldBytes() + HeapBytes(backlog_);
  if (held > held_ && !context_.service.MayHold(held_, held - held_, request_.tag)) return false;
  if (held < held_) context_.service.Released(held_ - held);
  held_ = held;
  return true;
}

void Connection::ReleaseHeld() {
  if (held_ > 0) context_.service.Released(std::exchange(held_, 0));
}

/// Nothing more is read here: what is there of further requests is given back.
void Connection::DropInput() {
  framer_.Next();
  std::string().swap(backlog_);
  ReleaseHeld();
}

}  // namespace common::http
