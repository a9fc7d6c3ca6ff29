// An operator sees each fault of each security of Kafka as ops/docs/kafka-access.md says.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "tests/broker/security/access_world.h"
#include "tests/harness/log_events.h"
#include "tests/harness/process.h"
#include "tests/support/kafka_client.h"
#include "tests/support/temp_directory.h"
#include "tests/support/wait_until.h"

namespace tests {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;

constexpr seconds kLimit{30};

/// A cell of the table, with the configuration that leads to it.
struct Cell {
  std::string fault;
  Security security;
};

std::vector<Cell> Cells() {
  const AccessWorld& world = AccessWorld::Shared();
  std::vector<Cell> cells;
  const auto add = [&](const std::string& fault, Security security,
                       const std::map<std::string, std::string>& changes) {
    for (const auto& [key, value] : changes) security.properties[key] = value;
    cells.push_back({fault, std::move(security)});
  };
  for (const Security& sasl : {world.Plain(), world.Scram()}) {
    add("wrong password", sasl, {{"sasl.password", "wr0ng"}});
  }
  add("wrong secret", world.Oauth(), {{"sasl.oauthbearer.client.secret", "wr0ng"}});
  add("wrong token", world.Oauth(), {{"sasl.oauthbearer.scope", "stale"}});
  add("no token server", world.Oauth(),
      {{"sasl.oauthbearer.token.endpoint.url", "http://127.0.0.1:9/token"}});
  add("wrong certificate", world.MutualTls(),
      {{"ssl.certificate.location", world.stranger.file()},
       {"ssl.key.location", world.stranger.key_file()}});
  add("expired client certificate", world.MutualTls(),
      {{"ssl.certificate.location", world.expired_client.file()},
       {"ssl.key.location", world.expired_client.key_file()}});
  for (const Security& sasl : {world.Plain(), world.Scram(), world.Oauth()}) {
    add("expired certificate", sasl,
        {{"bootstrap.servers", world.broker->bootstrap("EXPIRED")},
         {"ssl.ca.location", world.expired.file()}});
    add("wrong name", sasl,
        {{"bootstrap.servers", world.broker->bootstrap("OTHER")},
         {"ssl.ca.location", world.other.file()}});
    if (sasl.name == world.Scram().name) continue;  // As with PLAIN, where it can log in at all.
    const bool is_oauth = sasl.name == "OAUTHBEARER";
    add("no ACL", sasl, {{is_oauth ? "sasl.oauthbearer.scope" : "sasl.username", "poor"}});
  }
  for (const Security& tls : {world.MutualTls(), world.Tls()}) {
    add("expired certificate", tls,
        {{"bootstrap.servers", world.broker->bootstrap("TLS_EXPIRED")},
         {"ssl.ca.location", world.expired.file()}});
    add("wrong name", tls,
        {{"bootstrap.servers", world.broker->bootstrap("TLS_OTHER")},
         {"ssl.ca.location", world.other.file()}});
  }
  add("no ACL", world.MutualTls(), {});
  add("no client certificate", world.Tls(),
      {{"bootstrap.servers", world.broker->bootstrap("MTLS")}});
  add("unknown authority", world.Tls(), {{"ssl.ca.location", world.stranger.file()}});
  add("a port without login", world.Plain(),
      {{"bootstrap.servers", world.broker->bootstrap("TLS")}});
  add("another mechanism", world.Plain(), {{"sasl.mechanism", "SCRAM-SHA-256"}});
  return cells;
}

std::string KafkaYaml(const Security& security) {
  std::string yaml = "kafka:\n";
  for (const auto& [key, value] : security.properties) yaml += "  " + key + ": \"" + value + "\"\n";
  return yaml;
}

constexpr const char* kTopics =
    "topics: { callbacks: m.c, seen: m.s, processes: m.p, dead: m.d }\n";

std::string IngestYaml(const Security& security) {
  return "listen: 127.0.0.1:0\nadmin: 127.0.0.1:0\ntopics: { callbacks: m.c }\n" +
         KafkaYaml(security) + "providers: { onfido: { authorization: [a] } }\n";
}

std::string ConsumerYaml(const Security& security) {
  return "admin: 127.0.0.1:0\ngroup: m\ninstance: m\n" + std::string(kTopics) +
         KafkaYaml(security) +
         "assure: { base_url: \"http://127.0.0.1:9\", token_url: \"http://127.0.0.1:9/t\", "
         "client_id: a, client_secret: b }\n";
}

/// Ports, dates and OpenSSL's names of its parts differ from run to run and release to release.
std::string Steady(std::string text) {
  for (const auto& [pattern, shown] :
       {std::pair("127\\.0\\.0\\.1:[0-9]+", "HOST:PORT"),
        {" on [0-9]{4}-[0-9]{2}-[0-9]{2}", " on DATE"},
        {"error:[0-9A-F]+:SSL routines::(sslv3|tlsv1|tlsv13|ssl/tls) ", "… "},
        {"Failed to connect to .*: (Couldn't|Could not) connect to server",
         "Couldn't connect to server"},
        {" +$", ""},
        {" +\\|", " |"}}) {
    text = std::regex_replace(text, std::regex(pattern), shown);
  }
  return text;
}

/// The same event as rows of the table: kind, why and do.
std::set<std::string> RefusalsIn(const std::string& log) {
  std::set<std::string> rows;
  ForEachEvent(log, "kafka.access_refused", [&](const rapidjson::Document& fields) {
    std::string row;
    for (const char* key : {"kind", "why", "do"}) {
      row += (row.empty() ? "" : " | ") + std::string(fields[key].GetString());
    }
    rows.insert(Steady(row));
  });
  return rows;
}

/// The reasons that an outage is given.
std::string OutageIn(const std::string& log, const std::string& event) {
  std::string why;
  ForEachEvent(log, event,
               [&](const rapidjson::Document& fields) { why = fields["why"].GetString(); });
  return Steady(why);
}

/// The rows of the table in ops/docs/kafka-access.md, by fault and security; a fault may have
/// several.
using Table = std::map<std::string, std::set<std::string>>;

Table ReadTable() {
  Table table;
  std::istringstream lines(ReadFile(SourcePath("ops/docs/kafka-access.md")));
  const std::regex row(R"(^\| ([^|]+) \| ([^|]+) \| `(\w+)` \| (.+) \| (.+) \|$)");
  for (std::string line; std::getline(lines, line);) {
    std::smatch found;
    if (!std::regex_match(line, found, row)) continue;
    std::istringstream securities(found[2]);
    for (std::string security; std::getline(securities, security, ',');) {
      security.erase(0, security.find_first_not_of(' '));
      std::string why = found[4];
      std::erase(why, '`');  // The advice may have code of its own.
      table[security + ": " + found[1].str()].insert(found[3].str() + " | " + why + " | " +
                                                     found[5].str());
    }
  }
  return table;
}

/// A program that runs until it has said what the table says.
class Locked {
 public:
  Locked(const std::string& program, const std::string& yaml)
      : process_(Binary(program), {"--config", files_.Write("a.yaml", yaml)}) {}
  [[nodiscard]] std::string Log() const { return process_.StandardError(); }

 private:
  TempDirectory files_;
  Process process_;
};

std::string Joined(const std::set<std::string>& rows) {
  std::string text;
  for (const std::string& row : rows) text += row + "\n";
  return text;
}

TEST(AccessMatrix, MatchesTheDocumentedTable) {
  const Table table = ReadTable();
  KafkaClient kafka(AccessWorld::Shared().broker->bootstrap());
  for (const char* topic : {"m.c", "m.s", "m.p", "m.d"}) kafka.CreateTopic(topic, {});
  std::set<std::string> tried;
  for (const Cell& cell : Cells()) {
    const std::string name = cell.security.name + ": " + cell.fault;
    SCOPED_TRACE(name);
    ASSERT_TRUE(table.contains(name)) << "the table has no such row";
    tried.insert(name);
    const std::set<std::string>& expected = table.at(name);
    const Locked ingest("ingest", IngestYaml(cell.security));
    const Locked consumer("consumer", ConsumerYaml(cell.security));
    const auto said = [&] {
      std::set<std::string> rows = RefusalsIn(ingest.Log());
      rows.merge(RefusalsIn(consumer.Log()));
      return rows;
    };
    const bool is_of_rights = cell.fault == "no ACL";
    static_cast<void>(WaitUntil(
        [&] {
          return std::ranges::includes(said(), expected) &&
                 !OutageIn(ingest.Log(), "kafka.unavailable").empty() &&
                 (is_of_rights || !OutageIn(consumer.Log(), "topics.unseen").empty());
        },
        kLimit));
    EXPECT_EQ(Joined(said()), Joined(expected));
    for (const std::string& outage :
         {OutageIn(ingest.Log(), "kafka.unavailable"), OutageIn(consumer.Log(), "topics.unseen")}) {
      EXPECT_THAT(outage, testing::Not(HasSubstr("transport failure"))) << ingest.Log();
      EXPECT_THAT(outage, testing::Not(HasSubstr("_TRANSPORT")));
    }
    EXPECT_NE(OutageIn(ingest.Log(), "kafka.unavailable"), "");
    const std::string logs = ingest.Log() + consumer.Log();
    for (const char* secret : {"s3cret", "wr0ng"})
      EXPECT_THAT(logs, testing::Not(HasSubstr(secret)));
  }
  for (const auto& [name, rows] : table) {
    EXPECT_TRUE(tried.contains(name)) << "the table has a row that nobody tried: " << name;
  }
}

// It may also be a broker that just stops, so it is not an event of its own.
TEST(AccessMatrix, ExplainsAPortWithoutTls) {
  Security security = AccessWorld::Shared().Tls();
  security.properties["bootstrap.servers"] = AccessWorld::Shared().broker->bootstrap();
  const Locked ingest("ingest", IngestYaml(security));
  EXPECT_TRUE(WaitUntil(
      [&] {
        return OutageIn(ingest.Log(), "kafka.unavailable").find("does not speak TLS") !=
               std::string::npos;
      },
      kLimit))
      << ingest.Log();
}

}  // namespace
}  // namespace tests
