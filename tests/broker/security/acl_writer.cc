#include "tests/broker/security/acl_writer.h"

#include <openssl/evp.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <stdexcept>
#include <string_view>

#include "tests/support/raw_client.h"
#include "tests/support/wait_until.h"

namespace tests {
namespace {

std::string Number(std::uint32_t value, int bytes) {
  std::string text;
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
    text.push_back(static_cast<char>(value >> static_cast<unsigned>(shift)));
  }
  return text;
}

std::string Text(const std::string& text) {
  return Number(static_cast<std::uint32_t>(text.size()), 2) + text;
}

/// Reads exactly this much, or throws.
std::string Receive(int socket, std::size_t size) {
  std::string bytes;
  std::array<char, 4096> block{};
  while (bytes.size() < size) {
    pollfd wanted{.fd = socket, .events = POLLIN, .revents = 0};
    constexpr int kLimitMs = 20'000;
    const ssize_t got =
        ::poll(&wanted, 1, kLimitMs) == 1
            ? ::recv(socket, block.data(), std::min(block.size(), size - bytes.size()), 0)
            : -1;
    if (got <= 0) throw std::runtime_error("no answer to CreateAcls");
    bytes.append(block.data(), static_cast<std::size_t>(got));
  }
  return bytes;
}

std::uint32_t NumberIn(std::string_view bytes) {
  std::uint32_t number = 0;
  for (const char byte : bytes) number = number << 8 | static_cast<unsigned char>(byte);
  return number;
}

/// Sends a request without its size, and returns the response without it.
std::string Ask(const std::string& bootstrap, const std::string& request) {
  const auto port = std::stoi(bootstrap.substr(bootstrap.find(':') + 1));
  RawClient client(static_cast<std::uint16_t>(port));
  if (!client.Send(Number(static_cast<std::uint32_t>(request.size()), 4) + request)) {
    throw std::runtime_error("a request about ACLs was not sent");
  }
  return Receive(client.socket(), NumberIn(Receive(client.socket(), 4)));
}

/// Takes a field of that size, or a text that begins with its length, off the front.
std::uint32_t ReadNumber(std::string_view& bytes, std::size_t size) {
  const std::uint32_t number = NumberIn(bytes.substr(0, size));
  bytes.remove_prefix(size);
  return number;
}
void SkipText(std::string_view& bytes) {
  const auto size = static_cast<std::int16_t>(ReadNumber(bytes, 2));
  bytes.remove_prefix(static_cast<std::size_t>(std::max<std::int16_t>(size, 0)));
}

// request  := api-key=29 version=1 correlation client-id any name=null any principal=null host=null any any
// response := correlation throttle error message count (resource name pattern count (principal host
//             operation permission)…)…
std::size_t CountAcls(const std::string& bootstrap) {
  const std::string any = Number(1, 1);
  const std::string null = Number(0xffff, 2);
  const std::string answer =
      Ask(bootstrap, Number(29, 2) + Number(1, 2) + Number(1, 4) + Text("test") + any + null + any +
                         null + null + any + any);
  std::string_view rest = std::string_view(answer).substr(8);
  if (ReadNumber(rest, 2) != 0) throw std::runtime_error("Kafka does not describe its ACLs");
  SkipText(rest);
  std::size_t all = 0;
  for (auto resources = ReadNumber(rest, 4); resources > 0; --resources) {
    rest.remove_prefix(1);
    SkipText(rest);
    rest.remove_prefix(1);
    for (auto entries = ReadNumber(rest, 4); entries > 0; --entries, ++all) {
      SkipText(rest);
      SkipText(rest);
      rest.remove_prefix(2);
    }
  }
  return all;
}

}  // namespace

// request  := api-key=30 version=1 correlation client-id count entry…
// entry    := resource name (literal=3 | prefix=4) principal host operation allow=3
// response := correlation throttle count (error message)…
void Allow(const std::string& bootstrap, const std::vector<Allowance>& allowances) {
  std::string request = Number(30, 2) + Number(1, 2) + Number(1, 4) + Text("test") +
                        Number(static_cast<std::uint32_t>(allowances.size()), 4);
  for (const Allowance& entry : allowances) {
    request += Number(static_cast<std::uint32_t>(entry.resource), 1) + Text(entry.name) +
               Number(entry.is_prefix ? 4 : 3, 1) + Text(entry.principal) + Text("*") +
               Number(static_cast<std::uint32_t>(entry.operation), 1) + Number(3, 1);
  }
  const std::size_t before = CountAcls(bootstrap);
  const std::string answer = Ask(bootstrap, request);
  std::string_view rest = std::string_view(answer).substr(12);
  for (std::size_t i = 0; i < allowances.size(); ++i) {
    if (ReadNumber(rest, 2) != 0) throw std::runtime_error("Kafka refuses an ACL");
    SkipText(rest);
  }
  // The controller has them; the broker applies them a moment later.
  const auto are_known = [&] { return CountAcls(bootstrap) >= before + allowances.size(); };
  if (!WaitUntil(are_known, std::chrono::seconds(40))) {
    throw std::runtime_error("the broker does not apply the ACLs");
  }
}

// request  := api-key=51 version=0 correlation client-id no-tags deletions=0 upsertions=1 user
//             SCRAM-SHA-512=2 iterations salt salted-password no-tags no-tags
// response := correlation no-tags throttle count (user error message no-tags)… no-tags
//             ; texts and arrays have their size plus one in front, in one byte while it is small
void AddScramUser(const std::string& bootstrap, const std::string& user,
                  const std::string& password) {
  constexpr int kIterations = 4'096;
  const std::string salt = "salt of the test";
  std::string salted(64, '\0');
  PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()),
                    reinterpret_cast<const unsigned char*>(salt.data()),
                    static_cast<int>(salt.size()), kIterations, EVP_sha512(),
                    static_cast<int>(salted.size()),
                    reinterpret_cast<unsigned char*>(salted.data()));
  const auto compact = [](const std::string& text) {
    return Number(static_cast<std::uint32_t>(text.size() + 1), 1) + text;
  };
  const std::string no_tags(1, '\0');
  const std::string answer = Ask(
      bootstrap, Number(51, 2) + Number(0, 2) + Number(1, 4) + Text("test") + no_tags +
                     Number(1, 1) + Number(2, 1) + compact(user) + Number(2, 1) +
                     Number(kIterations, 4) + compact(salt) + compact(salted) + no_tags + no_tags);
  std::string_view rest = std::string_view(answer).substr(4 + 1 + 4 + 1);
  rest.remove_prefix(ReadNumber(rest, 1) - 1);
  if (ReadNumber(rest, 2) != 0) throw std::runtime_error("Kafka refuses the user");
}

}  // namespace tests
