#include "ops/ctl/erase/dossier_name.h"

#include <algorithm>
#include <utility>

#include "common/base/text.h"

namespace ctl {
namespace {

constexpr std::size_t kShortest = 16;

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

DossierName::DossierName(std::string id)
    : id_(std::move(id)), lower_(common::ToLowerAscii(id_.str())) {}

bool DossierName::IsIn(std::string_view bytes) const {
  if (lower_.size() < kShortest) return false;
  const auto found = std::search(bytes.begin(), bytes.end(), lower_.begin(), lower_.end(),
                                 [](char a, char b) { return Lower(a) == b; });
  return found != bytes.end();
}

bool DossierName::IsIn(const common::RecordHeaders& headers) const {
  return std::any_of(headers.begin(), headers.end(),
                     [&](const common::RecordHeader& header) { return IsIn(header.value); });
}

}  // namespace ctl
