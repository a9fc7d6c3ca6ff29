#include "common/domain/identity.h"

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <string>

#include "common/base/sha256.h"

namespace common {
namespace {

Identity FirstBytesOfHash(std::string_view text) {
  const Sha256Digest digest = Sha256(text);
  Identity identity;
  std::copy_n(digest.begin(), Identity::kSize, identity.bytes.begin());
  return identity;
}

Identity IdentityOfParts(std::initializer_list<std::string_view> parts) {
  std::size_t total = 0;
  for (const std::string_view part : parts) total += sizeof(std::uint32_t) + part.size();
  std::string text;
  text.reserve(total);
  for (const std::string_view part : parts) {
    const auto size = static_cast<std::uint32_t>(part.size());
    for (const int shift : {24, 16, 8, 0})
      text.push_back(static_cast<char>((size >> shift) & 0xff));
    text.append(part);
  }
  return FirstBytesOfHash(text);
}

}  // namespace

std::optional<Identity> Identity::FromBytes(std::string_view bytes) {
  if (bytes.size() != kSize) return std::nullopt;
  Identity identity;
  std::memcpy(identity.bytes.data(), bytes.data(), kSize);
  return identity;
}

Identity IdentityOf(std::string_view provider, const DossierId& dossier, const ProcessId& process,
                    std::string_view status) {
  return IdentityOfParts({provider, dossier.str(), process.str(), status});
}

Identity IdentityOfEvent(std::string_view row, const EventId& id) {
  return IdentityOfParts({"event", row, id.str()});
}

Identity IdentityOfUnreadable(std::string_view provider, std::string_view body) {
  return IdentityOfParts({"unreadable", provider, body});
}

Identity IdentityOfRedriven(const Identity& original, std::string_view redrive) {
  return FirstBytesOfHash(std::string(original.view()).append(redrive));
}

}  // namespace common
