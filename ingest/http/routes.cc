#include "ingest/http/routes.h"

namespace ingest {

common::http::Admission Routes::Admit(const common::http::RequestHead& head) {
  if (!expected_.IsAt(head.path)) return callbacks_.Admit(head);
  common::http::Admission admission = expected_.Admit(head);
  admission.tag |= kExpected;
  return admission;
}

int Routes::StatusOf(common::http::HttpFault fault,
                     std::optional<std::uint32_t> tag) const noexcept {
  if (IsExpected(tag)) return expected_.StatusOf(fault, tag);
  return callbacks_.StatusOf(fault, tag);
}

common::http::Service& Routes::Of(std::optional<std::uint32_t> tag) {
  if (IsExpected(tag)) return expected_;
  return callbacks_;
}

}  // namespace ingest
