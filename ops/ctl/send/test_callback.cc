#include "ops/ctl/send/test_callback.h"

#include <array>

#include "common/base/text.h"
#include "common/json/object_writer.h"

namespace ctl {

std::string BodyOf(const TestCallback& callback) {
  return common::json::ObjectWriter()
      .Text("dossierId", callback.dossier)
      .Text("processId", callback.process)
      .Text("status", callback.status)
      .Finish();
}

std::string RandomUuid(const std::function<std::uint64_t()>& random) {
  std::array<std::uint64_t, 2> halves = {random(), random()};
  halves[0] = (halves[0] & ~0xF000ULL) | 0x4000ULL;              // version 4
  halves[1] = (halves[1] & ~(0xC0ULL << 56)) | (0x80ULL << 56);  // variant 10
  std::string bytes;
  for (const std::uint64_t half : halves) {
    for (int shift = 56; shift >= 0; shift -= 8) {
      bytes.push_back(static_cast<char>((half >> shift) & 0xFF));
    }
  }
  std::string hex = common::ToHex(bytes);
  for (const std::size_t dash : {8U, 13U, 18U, 23U}) hex.insert(dash, 1, '-');
  return hex;
}

}  // namespace ctl
