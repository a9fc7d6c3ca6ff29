#include "ops/simulator/bad_client.h"

namespace simulator {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::string_view kBody =
    R"({"dossierId":"abuse","processId":"abuse","provider":"onfido","status":"accepted"})";
constexpr std::size_t kAll = std::string::npos;

std::string Post(std::string_view path, std::string_view authorization, std::string_view body) {
  std::string request = "POST " + std::string(path) + "/onfido HTTP/1.1\r\nHost: sluice\r\n";
  if (!authorization.empty()) {
    request.append("Authorization: ").append(authorization).append("\r\n");
  }
  request.append("Content-Length: ").append(std::to_string(body.size())).append("\r\n\r\n");
  return request.append(body);
}

std::string Repeat(const std::string& text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

}  // namespace

std::vector<BadClient> BadClients(std::string_view path, std::string_view authorization) {
  const std::string whole = Post(path, authorization, kBody);
  const std::string cut = whole.substr(0, whole.size() - kBody.size() / 2);
  const std::string large = Post(path, "", std::string(1U << 20U, 'x'));
  return {
      {"aborts", whole, kAll, milliseconds(0), true, seconds(5)},
      {"cuts off", cut, kAll, milliseconds(0), true, seconds(5)},
      {"sends slowly", whole, 1, milliseconds(300), false, seconds(90)},
      {"keeps silent", "", kAll, milliseconds(0), false, seconds(90)},
      {"floods", large, 64U << 10U, milliseconds(0), false, seconds(10)},
      {"does not read", Repeat(Post(path, "", "{}"), 2000), kAll, milliseconds(0), true,
       seconds(10)},
      {"breaks framing", "POST " + std::string(path) + "/readid HTTP/1.1\nContent-Length: -1\n\n",
       kAll, milliseconds(0), false, seconds(5)},
  };
}

}  // namespace simulator
