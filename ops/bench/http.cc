// usage: bench-http THREADS [BYTES]
//
// Serves common/http until SIGTERM, with a service that answers every request 200 immediately. Pads
// answers to BYTES. Prints {"port":N}.
#include <cstdio>
#include <exception>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/number.h"
#include "common/http/server.h"
#include "common/runtime/shutdown.h"

namespace {

using common::http::Answer;

class AnswersAtOnce final : public common::http::Service {
 public:
  explicit AnswersAtOnce(std::size_t bytes) {
    constexpr std::string_view kPlain = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    constexpr std::string_view kField = "Padding: \r\n";
    if (bytes > kPlain.size() + kField.size()) {
      answer_.fields.emplace_back("Padding",
                                  std::string(bytes - kPlain.size() - kField.size(), '-'));
    }
  }

  common::http::Admission Admit(const common::http::RequestHead& /*head*/) override { return {}; }
  std::optional<Answer> Handle(const common::http::RequestHead& /*head*/, std::string_view /*body*/,
                               std::uint32_t /*tag*/,
                               const common::http::Ticket& /*ticket*/) override {
    return answer_;
  }
  Answer AnswerFault(common::http::HttpFault fault, std::optional<std::uint32_t> /*tag*/) override {
    return Answer{.status = common::http::DefaultStatus(fault)};
  }

 private:
  Answer answer_;
};

int Main(int threads, std::size_t bytes) {
  const common::Shutdown shutdown;
  AnswersAtOnce service(bytes);
  common::http::ServerOptions options;
  options.threads = threads;
  const auto server = common::http::Server::Start(options, service);
  if (!server) {
    std::fprintf(stderr, "bench-http: %s\n", server.error().detail.c_str());
    return 1;
  }
  std::printf("{\"port\":%d}\n", (*server)->port());
  std::fflush(stdout);
  shutdown.Wait();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const auto threads = common::ParseNumber<int>(argc >= 2 ? argv[1] : "");
  const auto bytes = common::ParseNumber<std::size_t>(argc == 3 ? argv[2] : "0");
  if (argc > 3 || !threads || *threads < 1 || !bytes) {
    std::fputs("usage: bench-http THREADS [BYTES]\n", stderr);
    return 2;
  }
  try {
    return Main(*threads, *bytes);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench-http: %s\n", error.what());
    return 1;
  }
}
