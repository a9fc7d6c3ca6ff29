#include "ops/ctl/serve/session.h"

#include <algorithm>
#include <utility>

#include "common/base/text.h"

namespace ctl {
namespace {

using common::http::Field;

/// Another page on this host may have set a cookie of the same name for a longer path, so there may
/// be several.
bool HasCookie(std::string_view list, std::string_view name, const SecretDigest& digest) {
  while (!list.empty()) {
    const std::string_view whole = list.substr(0, list.find(';'));
    list.remove_prefix(std::min(list.size(), whole.size() + 1));
    const std::string_view pair = common::TrimAscii(whole);
    if (pair.size() <= name.size() || !pair.starts_with(name) || pair[name.size()] != '=') continue;
    if (digest.IsOf(pair.substr(name.size() + 1))) return true;
  }
  return false;
}

}  // namespace

common::Result<Session> Session::Begin(std::uint16_t port) {
  common::Result<std::string> token = DrawSecret();
  if (!token) return token.error();
  common::Result<std::string> cookie = DrawSecret();
  if (!cookie) return cookie.error();
  return Session("sluice_" + std::to_string(port), *std::move(token), *std::move(cookie));
}

Session::Session(std::string cookie_name, std::string token, std::string cookie)
    : cookie_name_(std::move(cookie_name)),
      token_(std::move(token)),
      token_digest_(token_),
      cookie_(std::move(cookie)),
      cookie_digest_(cookie_) {}

std::optional<std::string> Session::Exchange(std::string_view token) {
  if (!token_digest_.IsOf(token) || is_exchanged_) return std::nullopt;
  is_exchanged_ = true;
  return cookie_name_ + "=" + std::exchange(cookie_, {}) + "; Path=/; HttpOnly; SameSite=Strict";
}

bool Session::Admits(const common::http::RequestHead& head) const {
  return is_exchanged_ && std::ranges::any_of(head.fields, [&](const Field& field) {
           return common::EqualsIgnoringCase(field.name, "cookie") &&
                  HasCookie(field.value, cookie_name_, cookie_digest_);
         });
}

}  // namespace ctl
