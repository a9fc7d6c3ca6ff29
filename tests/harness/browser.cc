#include "tests/harness/browser.h"

#include <fcntl.h>
#include <poll.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <stdexcept>
#include <utility>

#include "common/base/base64.h"
#include "common/json/object_writer.h"
#include "tests/harness/json.h"
#include "tests/support/wait_until.h"

namespace tests {
namespace {

using common::Deadline;
using common::Fd;
using common::json::ObjectWriter;

constexpr std::chrono::seconds kLimit{60};

/// A named pipe, open for both directions, so that no open blocks.
Fd MakePipe(const std::filesystem::path& path) {
  if (::mkfifo(path.c_str(), 0600) != 0) throw std::runtime_error("mkfifo " + path.string());
  Fd pipe(::open(path.c_str(), O_RDWR | O_CLOEXEC));
  if (!pipe) throw std::runtime_error("cannot open " + path.string());
  return pipe;
}

std::vector<std::string> ArgumentsOf(const std::filesystem::path& directory) {
  // Chromium wants its pipes at the descriptors 3 and 4.
  return {"-c", R"(exec chromium "$@" 3<"$0/to" 4>"$0/from")", directory.string(), "--headless",
          "--remote-debugging-pipe", "--user-data-dir=" + (directory / "profile").string(),
          "--no-first-run", "--disable-gpu", "--disable-extensions", "--disable-sync",
          "--disable-background-networking", "--disable-component-update",
          "--disable-dev-shm-usage", "--no-proxy-server", "--hide-scrollbars", "--lang=en-US",
          // Neither root nor a container may have a sandbox, and all pages are ours.
          "--no-sandbox",
          // Whatever the machine's screen or fonts' hinting.
          "--force-device-scale-factor=1", "--font-render-hinting=none"};
}

std::string ToText(const rapidjson::Value& value) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
  value.Accept(writer);
  return buffer.GetString();
}

struct Key {
  std::string_view name;
  std::string_view key;  ///< As events name it.
  int code;
  std::string_view text;
};
constexpr Key kKeys[] = {
    {"Tab", "Tab", 9, ""},
    {"Enter", "Enter", 13, "\r"},
    {"Escape", "Escape", 27, ""},
    {"Space", " ", 32, " "},
};

}  // namespace

Browser::Browser()
    : to_browser_(MakePipe(directory_.path() / "to")),
      from_browser_(MakePipe(directory_.path() / "from")),
      process_(
          std::make_unique<Process>("/bin/bash", ArgumentsOf(directory_.path()),
                                    Process::Environment{{"HOME", directory_.path().string()},
                                                         {"TMPDIR", directory_.path().string()}})) {
  const auto target = Call("Target.createTarget", R"({"url":"about:blank"})");
  const std::string target_id = TextIn(target["result"], "targetId");
  const auto attached =
      Call("Target.attachToTarget",
           ObjectWriter().Text("targetId", target_id).Bool("flatten", true).Finish());
  session_ = TextIn(attached["result"], "sessionId");
  for (const char* domain : {"Page", "Runtime", "Log", "Accessibility"}) {
    Call(std::string(domain) + ".enable");
  }
  Resize(1280, 900);
}

Browser::~Browser() {
  if (!Send(R"({"id":0,"method":"Browser.close"})")) return;
  [[maybe_unused]] const auto status = process_->WaitForExit(std::chrono::seconds(10));
}

rapidjson::Document Browser::Call(const std::string& method, const std::string& parameters) {
  const std::int64_t id = ++last_id_;
  ObjectWriter message;
  message.Number("id", id).Text("method", method).Raw("params", parameters);
  if (!session_.empty()) message.Text("sessionId", session_);
  if (!Send(message.Finish())) {
    throw std::runtime_error("Chromium takes no messages: " + process_->Describe());
  }
  return AwaitAnswer(id, method);
}

bool Browser::Send(std::string message) const {
  message.push_back('\0');
  return ::write(to_browser_.get(), message.data(), message.size()) == std::ssize(message);
}

rapidjson::Document Browser::AwaitAnswer(std::int64_t id, const std::string& method) {
  const auto deadline = Deadline::After(kLimit);
  while (true) {
    rapidjson::Document message = ParseJson(ReadMessage(deadline));
    if (!message.HasMember("id") || message["id"].GetInt64() != id) {
      Note(message);
      continue;
    }
    if (message.HasMember("error")) {
      throw std::runtime_error(method + ": " + ToText(message["error"]));
    }
    return message;
  }
}

std::string Browser::ReadMessage(Deadline deadline) {
  while (true) {
    const std::size_t end = received_.find('\0');
    if (end != std::string::npos) {
      std::string message = received_.substr(0, end);
      received_.erase(0, end + 1);
      return message;
    }
    pollfd ready{from_browser_.get(), POLLIN, 0};
    if (::poll(&ready, 1, 100) > 0) {
      char bytes[65536];
      const ssize_t count = ::read(from_browser_.get(), bytes, sizeof bytes);
      if (count > 0) received_.append(bytes, static_cast<std::size_t>(count));
      continue;
    }
    if (!process_->IsRunning() || deadline.HasPassed()) {
      throw std::runtime_error("Chromium does not answer: " + process_->Describe());
    }
  }
}

void Browser::Note(const rapidjson::Document& message) {
  const std::string method = TextIn(message, "method");
  if (method == "Page.loadEventFired") ++loads_;
  if (method == "Runtime.exceptionThrown") complaints_.push_back(ToText(message["params"]));
  if (method == "Runtime.consoleAPICalled") {
    const std::string type = TextIn(message["params"], "type");
    if (type == "error" || type == "warning" || type == "assert") {
      complaints_.push_back(ToText(message["params"]["args"]));
    }
  }
  if (method == "Log.entryAdded") {
    const auto& entry = message["params"]["entry"];
    const std::string level = TextIn(entry, "level");
    if (level != "error" && level != "warning") return;
    complaints_.push_back(TextIn(entry, "text") + " " +
                          (entry.HasMember("url") ? TextIn(entry, "url") : ""));
  }
}

void Browser::Open(const std::string& url) {
  const int loads = loads_;
  const auto opened = Call("Page.navigate", ObjectWriter().Text("url", url).Finish());
  if (opened["result"].HasMember("errorText")) {
    throw std::runtime_error(url + ": " + TextIn(opened["result"], "errorText"));
  }
  const auto deadline = Deadline::After(kLimit);
  while (loads_ == loads) Note(ParseJson(ReadMessage(deadline)));
}

std::string Browser::Evaluate(const std::string& expression) {
  const auto evaluated = Call("Runtime.evaluate", ObjectWriter()
                                                      .Text("expression", expression)
                                                      .Bool("awaitPromise", true)
                                                      .Bool("returnByValue", true)
                                                      .Finish());
  const auto& result = evaluated["result"];
  if (result.HasMember("exceptionDetails")) {
    throw std::runtime_error(expression + ": " + ToText(result["exceptionDetails"]));
  }
  return result["result"].HasMember("value") ? ToText(result["result"]["value"]) : "undefined";
}

bool Browser::Await(const std::string& expression, std::chrono::milliseconds limit) {
  return WaitUntil([&] { return Evaluate("Boolean(" + expression + ")") == "true"; }, limit,
                   std::chrono::milliseconds(20));
}

void Browser::Type(std::string_view text) {
  Call("Input.insertText", ObjectWriter().Text("text", text).Finish());
}

void Browser::Press(std::string_view key) {
  for (const Key& known : kKeys) {
    if (known.name != key) continue;
    for (const char* type : {"keyDown", "keyUp"}) {
      ObjectWriter event;
      event.Text("type", type)
          .Text("key", known.key)
          .Text("code", known.name)
          .Number("windowsVirtualKeyCode", known.code);
      if (!known.text.empty() && std::string_view(type) == "keyDown") {
        event.Text("text", known.text);
      }
      Call("Input.dispatchKeyEvent", event.Finish());
    }
    return;
  }
  throw std::logic_error("which key is " + std::string(key) + "?");
}

void Browser::Resize(int width, int height) {
  Call("Emulation.setDeviceMetricsOverride", ObjectWriter()
                                                 .Number("width", width)
                                                 .Number("height", height)
                                                 .Number("deviceScaleFactor", 1)
                                                 .Bool("mobile", false)
                                                 .Finish());
}

void Browser::PreferDark(bool is_dark) {
  const std::string feature = ObjectWriter()
                                  .Text("name", "prefers-color-scheme")
                                  .Text("value", is_dark ? "dark" : "light")
                                  .Finish();
  Call("Emulation.setEmulatedMedia", ObjectWriter().Raw("features", "[" + feature + "]").Finish());
}

std::vector<std::string> Browser::AccessibleNodes() {
  const auto tree = Call("Accessibility.getFullAXTree");
  std::vector<std::string> nodes;
  for (const auto& node : tree["result"]["nodes"].GetArray()) {
    if (node["ignored"].GetBool() || !node.HasMember("role") || !node.HasMember("name")) continue;
    nodes.push_back(TextIn(node["role"], "value") + " " + TextIn(node["name"], "value"));
  }
  return nodes;
}

void Browser::SavePicture(const std::filesystem::path& file) {
  const auto picture = Call("Page.captureScreenshot", R"({"format":"png"})");
  std::ofstream out(file, std::ios::binary);
  out << common::DecodeBase64(TextIn(picture["result"], "data")).value();
  if (!out.flush()) throw std::runtime_error("cannot write " + file.string());
}

}  // namespace tests
