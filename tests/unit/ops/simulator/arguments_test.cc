#include "ops/simulator/arguments.h"

#include <gtest/gtest.h>

#include "ops/simulator/deliver.h"
#include "ops/simulator/serve.h"

namespace simulator {
namespace {

using namespace std::chrono_literals;

template <typename T>
std::string ErrorOf(const common::Result<T>& result) {
  return result ? "none" : result.error().detail;
}

TEST(DeliverOptions, AreParsed) {
  const auto options = ParseDeliverOptions(
      {"--target", "http://h/callbacks", "--count=7", "--providers",      "paper", "--speed",
       "3600",     "--authorization",    "Bearer x",  "--duplicate-rate", "0.5",   "--concurrency",
       "3",        "--open-loop",        "50",        "--timeout",        "2s",    "--seed",
       "11",       "--ids-file",         "ids",       "--quiet"});
  ASSERT_TRUE(options) << ErrorOf(options);
  EXPECT_EQ(options->target, "http://h/callbacks");
  EXPECT_EQ(options->authorization, "Bearer x");
  EXPECT_EQ(options->ids_file, "ids");
  EXPECT_EQ(options->concurrency, 3);
  EXPECT_EQ(options->timeout, 2s);
  EXPECT_TRUE(options->quiet);
  EXPECT_EQ(options->plan.count, 7U);
  EXPECT_EQ(options->plan.speed, 3600);
  EXPECT_EQ(options->plan.duplicate_rate, 0.5);
  EXPECT_EQ(options->plan.open_loop_rate, 50);
  EXPECT_EQ(options->plan.seed, 11U);
}

TEST(DeliverOptions, AreRejectedByNameWithoutShowingTheValue) {
  EXPECT_EQ(ErrorOf(ParseDeliverOptions({})), "--target is required");
  EXPECT_EQ(ErrorOf(ParseDeliverOptions({"--target"})), "--target needs a value");
  EXPECT_EQ(ErrorOf(ParseDeliverOptions({"x"})), "argument 1 is not an option");
  EXPECT_EQ(ErrorOf(ParseDeliverOptions({"--authorisation=secret"})),
            "--authorisation is not an option");
  EXPECT_EQ(ErrorOf(ParseDeliverOptions({"--quiet=1"})), "--quiet takes no value");
  EXPECT_EQ(ErrorOf(ParseDeliverOptions({"--count", "-1"})), "--count must be a number");
  EXPECT_EQ(ErrorOf(ParseDeliverOptions({"--speed", "0"})),
            "--speed must be a number greater than 0");
  EXPECT_EQ(ErrorOf(ParseDeliverOptions({"--speed", "nan"})),
            "--speed must be a number greater than 0");
  EXPECT_EQ(ErrorOf(ParseDeliverOptions({"--target", "u", "--duplicate-rate", "2"})),
            "--duplicate-rate must be from 0 to 1");
  EXPECT_EQ(ErrorOf(ParseDeliverOptions({"--providers", "acme"})),
            "--providers must be NAME[:WEIGHT],… of known providers");
}

TEST(DeliverOptions, AcceptAnyValue) {
  const auto options = ParseDeliverOptions(
      {"--target=u", "--authorization", "--quiet", "--ids-file=", "--count", "1", "--count", "2"});
  ASSERT_TRUE(options) << ErrorOf(options);
  EXPECT_EQ(options->authorization, "--quiet");
  EXPECT_EQ(options->ids_file, "");
  EXPECT_FALSE(options->quiet);
  EXPECT_EQ(options->plan.count, 2U);
}

TEST(DeliverOptions, DefaultToANewSeedEachTime) {
  EXPECT_NE(ParseDeliverOptions({"--target", "u"})->plan.seed,
            ParseDeliverOptions({"--target", "u"})->plan.seed);
}

TEST(ServeOptions, AreParsedWithTheBehaviour) {
  const auto options = ParseServeOptions(
      {"--listen", "127.0.0.1:0", "--admin=127.0.0.1:1", "--token-lifetime", "2s", "--client",
       "id:se:cret", "--threads", "2", "--seed", "4", "--latency-ms", "5", "--body", "garbage"});
  ASSERT_TRUE(options) << ErrorOf(options);
  EXPECT_EQ(options->listen.port, 0);
  EXPECT_EQ(options->admin.port, 1);
  EXPECT_EQ(options->threads, 2);
  EXPECT_EQ(options->api.seed, 4U);
  EXPECT_EQ(options->api.token_lifetime, 2s);
  EXPECT_EQ(options->api.client.user, "id");
  EXPECT_EQ(options->api.client.password, "se:cret");
  EXPECT_EQ(options->behaviour, (Behaviour{.latency = 5ms, .body = BodyKind::kGarbage}));
}

TEST(ServeOptions, AreRejectedByName) {
  EXPECT_EQ(ErrorOf(ParseServeOptions({"--listen", "nowhere"})), "--listen must be ADDRESS:PORT");
  EXPECT_EQ(ErrorOf(ParseServeOptions({"--error-rate", "2"})),
            "error_rate must be a number from 0 to 1");
  EXPECT_EQ(ErrorOf(ParseServeOptions({"--latency_ms", "2"})), "--latency_ms is not an option");
}

}  // namespace
}  // namespace simulator
