#include "ops/ctl/send/send.h"

#include <optional>
#include <ostream>
#include <random>

#include "common/config/secret_file.h"
#include "common/domain/callback_url.h"
#include "common/json/object_writer.h"
#include "common/signature/signature.h"
#include "ops/ctl/send/http_post.h"
#include "ops/ctl/send/target.h"
#include "ops/ctl/send/test_callback.h"
#include "ops/ctl/send/test_event.h"
#include "ops/ctl/shell/command_line.h"
#include "ops/ctl/shell/output.h"
#include "ops/ctl/shell/settings.h"

namespace ctl {
namespace {

using common::Result;

Result<std::string> AuthorizationOf(const Arguments& arguments) {
  if (!arguments.Has("--authorization-file")) return arguments.Text("--authorization");
  if (arguments.Has("--authorization")) {
    return Reject("--authorization and --authorization-file exclude each other");
  }
  return common::config::ReadSecretFile(arguments.Text("--authorization-file"));
}

/// How to send events: by the row, with a key. None: callbacks are sent.
struct EventSender {
  common::EventRules rules;
  std::string key;
};

Result<std::optional<EventSender>> EventSenderOf(const Arguments& arguments) {
  if (!arguments.Has("--signing-secret-file")) return std::optional<EventSender>();
  const Result<ProviderSettings> settings = ReadProviderSettings(arguments);
  if (!settings) return settings.error();
  const auto& table = settings->table;
  const auto& events = table[table.Resolve(arguments.Text("--provider"))].events;
  if (!events || !events->signature) {
    return Reject("--signing-secret-file needs a --config whose row of --provider has a signature");
  }
  const auto secret = common::config::ReadSecretFile(arguments.Text("--signing-secret-file"));
  if (!secret) return secret.error();
  const auto key = common::SigningKeyOf(*events->signature, *secret);
  if (!key) return Reject("the secret begins with whsec_, but no base64 follows");
  return std::optional(EventSender{*events, *key});
}

std::string TypeOf(const Arguments& arguments, const common::EventRules& rules) {
  if (arguments.Has("--type")) return arguments.Text("--type");
  return rules.types ? rules.types->front() : "test";
}

std::string ToJson(const std::string& provider, const TestCallback& callback,
                   const Result<PostAnswer>& answer) {
  common::json::ObjectWriter object;
  object.Text("provider", provider)
      .Text("dossierId", callback.dossier)
      .Text("processId", callback.process)
      .Text("status", callback.status);
  if (!answer) {
    return object.Raw("httpStatus", "null").Text("error", answer.error().detail).Finish();
  }
  return object.Number("httpStatus", answer->status)
      .Number("milliseconds", answer->elapsed.count())
      .Finish();
}

std::string ToLine(const TestCallback& callback, const Result<PostAnswer>& answer) {
  const std::string what = "  dossier " + callback.dossier + "  process " + callback.process +
                           "  " + callback.status + "  ";
  if (!answer) return "---" + what + answer.error().detail + "\n";
  return std::to_string(answer->status) + what + std::to_string(answer->elapsed.count()) + " ms\n";
}

Result<int> SendCallbacks(const Arguments& arguments, Output& output) {
  constexpr int kOk = 200;
  const std::string provider = arguments.Text("--provider");
  const std::string target = arguments.Text("--target");
  if (provider.empty()) return Reject("--provider NAME is required");
  if (target.empty()) return Reject("--target URL is required");
  const Result<int> count = arguments.Number("--count", 1, 1, 1'000'000);
  if (!count) return count.error();
  const Result<std::string> authorization = AuthorizationOf(arguments);
  if (!authorization) return authorization.error();
  const auto sender = EventSenderOf(arguments);
  if (!sender) return sender.error();
  if (const std::string warning = WarningOfTarget(target, provider); !warning.empty()) {
    output.err << "warning: " << warning << "\n";
  }

  std::random_device random;
  const auto uuid = [&] {
    return RandomUuid([&] { return (std::uint64_t{random()} << 32) | random(); });
  };
  const auto given = [&](std::string_view name, const auto& otherwise) {
    return arguments.Has(name) ? arguments.Text(name) : otherwise();
  };
  HttpPost post(common::CallbackUrl(target, provider), *authorization);
  const auto send = [&](const TestCallback& callback) {
    if (!*sender) return post.Send(BodyOf(callback));
    const auto& [rules, key] = **sender;
    const TestEvent event{.id = uuid(), .type = TypeOf(arguments, rules), .fact = callback};
    const std::string body = BodyOf(event, rules.extract);
    return post.Send(body, FieldsOf(event, rules, key, body, common::WallNow()));
  };
  std::vector<std::string> objects;
  bool is_accepted = true;
  for (int i = 0; i < *count; ++i) {
    const TestCallback callback{
        .dossier = given("--dossier", uuid),
        .process = given("--process", uuid),
        .status = given("--status", [] { return std::string("accepted"); })};
    const Result<PostAnswer> answer = send(callback);
    is_accepted = is_accepted && answer && answer->status == kOk;
    if (output.is_json) {
      objects.push_back(ToJson(provider, callback, answer));
    } else {
      output.out << ToLine(callback, answer);
    }
  }
  if (output.is_json) output.out << RenderArray(objects) << "\n";
  return is_accepted ? 0 : 1;
}

}  // namespace

std::vector<Command> SendCommands() {
  return {
      {"send",
       "sends test callbacks or signed events to ingest; status 0 only if each was answered 200",
       {{"--target", "URL", "of ingest: http://127.0.0.1:8080, or with its path prefix"},
        {"--provider", "NAME", "the name in the route"},
        {"--authorization", "VALUE", "value of the Authorization header"},
        {"--authorization-file", "FILE", "file with that value"},
        {"--signing-secret-file", "FILE",
         "a secret of the row in --config: sends events, signed as it says"},
        {"--type", "TEXT", "of the events, default the first of the row's types, or test"},
        {"--dossier", "ID", "dossierId, default a new UUID for each callback"},
        {"--process", "ID", "processId, default a new UUID for each callback"},
        {"--status", "TEXT", "default accepted"},
        {"--count", "N", "callbacks, default 1"}},
       SendCallbacks}};
}

}  // namespace ctl
