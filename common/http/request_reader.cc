#include "common/http/request_reader.h"

#include <utility>

#include "common/base/rfc3339.h"
#include "common/http/foreign_protocol.h"
#include "common/http/heap_bytes.h"

namespace common::http {
namespace {

constexpr std::size_t kMaxSkippedBody =
    std::size_t{64} * 1024;  // of a refused request on a connection kept

}  // namespace

RequestReader::Step RequestReader::Read(std::string_view& input) {
  switch (framer_.Read(input)) {
    case Framer::Step::kMore:
      return Account() ? Step::kMore : Fail(HttpFault::kOverloaded);
    case Framer::Step::kHead:
      return Step::kHead;
    case Framer::Step::kRequest:
      if (!request_.is_refused) return Step::kRequest;
      framer_.Next();
      // Its head may have come in pieces, and the connection may stay idle from here on.
      Release();
      return Step::kSkipped;
    case Framer::Step::kFault:
      break;
  }
  NoteForeignProtocol();
  return Fail(framer_.fault());
}

RequestReader::Step RequestReader::Fail(HttpFault fault) {
  fault_ = fault;
  EndReception();
  return Step::kFault;
}

/// Only at the beginning of a connection; it is malformed HTTP there, which is answered.
void RequestReader::NoteForeignProtocol() {
  if (number_ > 0) return;
  const auto protocol = RecognizeProtocol(framer_.empty_lines(), framer_.head_bytes());
  if (protocol) service_.Met(*protocol);
}

bool RequestReader::Admit(TimePoint first_byte, std::optional<Answer>& refusal) {
  ++number_;
  RequestHead& head = framer_.head();
  head.first_byte = first_byte;
  head.received_at = WallNow();
  request_.has_head = true;
  request_.wants_no_body = head.method == "HEAD";
  auto admission = service_.Admit(head);
  if (!admission) return false;
  request_.tag = admission->tag;
  if (admission->refusal) {
    refusal = std::move(admission->refusal);
    Refuse();
  } else {
    has_admitted_ = true;
    knows_sender_ |= admission->is_sender_known;
    request_.is_receiving = true;
    framer_.ReadBody();
  }
  return true;
}

/// It is answered before the body is there, so that a slow body holds nothing. A short body is read
/// away afterwards and the connection goes on.
void RequestReader::Refuse() {
  const Framing& framing = framer_.framing();
  const bool has_body = framing.chunked || framing.length > 0;
  const bool can_skip =
      !has_body || (!framing.expects_continue && framing.length <= kMaxSkippedBody);
  framer_.SkipBody(kMaxSkippedBody);
  request_.is_refused = true;
  request_.is_last = !can_skip;
}

bool RequestReader::Handle(const Ticket& ticket, std::optional<Answer>& answer) {
  Release();  // the service counts what it takes
  const bool is_handled =
      service_.Handle(framer_.head(), framer_.body(), *request_.tag, ticket, answer);
  framer_.Next();
  return is_handled;
}

bool RequestReader::Keep(std::string_view input) {
  if (request_.is_last) return false;
  kept_.assign(input);
  if (Account()) return true;
  request_.is_last = true;
  Drop();
  return false;
}

void RequestReader::Forget() {
  Release();
  framer_.Next();
}

std::string RequestReader::TakeKept() { return std::exchange(kept_, {}); }

void RequestReader::Drop() {
  framer_.Next();
  std::string().swap(kept_);
  Release();
}

/// Keeps the service's account of what is held here. False: it may not be. What came behind a
/// request in flight belongs to one that nobody has judged.
bool RequestReader::Account() {
  const std::size_t current = framer_.HeldBytes();
  const std::size_t judged = request_.tag ? current : 0;
  const std::size_t unjudged = HeapBytes(kept_) + (request_.tag ? 0 : current);
  if (judged_.tag != request_.tag) {
    Shrink(judged_, 0);
    judged_.tag = request_.tag;
  }
  Shrink(judged_, judged);
  Shrink(unjudged_, unjudged);
  return Grow(judged_, judged) && Grow(unjudged_, unjudged);
}

void RequestReader::Shrink(Holding& holding, std::size_t bytes) {
  if (bytes >= holding.bytes) return;
  service_.Released(holding.bytes - bytes, holding.tag);
  holding.bytes = bytes;
}

bool RequestReader::Grow(Holding& holding, std::size_t bytes) {
  if (bytes <= holding.bytes) return true;
  if (!service_.MayHold(holding.bytes, bytes - holding.bytes, holding.tag)) return false;
  holding.bytes = bytes;
  return true;
}

void RequestReader::Release() {
  Shrink(judged_, 0);
  Shrink(unjudged_, 0);
  EndReception();
}

void RequestReader::EndReception() {
  if (!std::exchange(request_.is_receiving, false)) return;
  service_.ReceptionEnded(*request_.tag);
}

bool RequestReader::MustContinue() {
  if (!framer_.InBody() || !framer_.framing().expects_continue) return false;
  if (request_.is_continued || framer_.HasBodyBytes()) return false;
  request_.is_continued = true;
  return true;
}

bool RequestReader::MayContinue() const {
  return request_.has_head && framer_.framing().keep_alive && !request_.is_last;
}

}  // namespace common::http
