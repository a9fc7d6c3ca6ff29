#include <algorithm>

#include "common/config/document.h"
#include "common/config/expand.h"
#include "common/config/node.h"
#include "common/config/secret_file.h"

namespace common::config {

std::string Section::PathOf(std::string_view key) const { return JoinKey(path_, key); }

YamlNode* Section::Find(std::string_view key) const {
  node_->known.emplace(key);
  return node_->At(key);
}

bool Section::Has(std::string_view key) const { return Find(key) != nullptr; }

bool Section::IsMapping(std::string_view key) const {
  const YamlNode* const node = Find(key);
  return node != nullptr && node->kind == YamlNode::Kind::kMapping;
}

void Section::Mistake(std::string_view key, std::string message) const {
  const YamlNode* const node = node_->At(key);
  if (node != nullptr) node_->known.emplace(key);  // Do not also report it as unknown.
  context_->Report(node != nullptr ? node->position : node_->position, PathOf(key),
                   std::move(message));
}

void Section::Doubt(std::string_view key, std::string message) const {
  const YamlNode* const node = node_->At(key);
  context_->Doubt(node != nullptr ? node->position : node_->position, PathOf(key),
                  std::move(message));
}

bool Section::Missing(std::string_view key) const {
  context_->Report(node_->position, PathOf(key), "must be set");
  return false;
}

/// Shows the value only if it contains no variable: a variable may hold a secret.
bool Section::Wrong(std::string_view key, std::string_view expected) const {
  const YamlNode* const node = Find(key);
  std::string message = "expected " + std::string(expected);
  if (node != nullptr && node->kind == YamlNode::Kind::kScalar && !HasVariable(node->text)) {
    message += ", not '" + node->text + "'";
  }
  Mistake(key, std::move(message));
  return false;
}

std::optional<std::string> Section::Expand(const YamlNode& scalar, const std::string& path) const {
  auto expanded = config::Expand(scalar.text, context_->environment);
  if (auto* text = std::get_if<std::string>(&expanded)) return std::move(*text);
  context_->Report(scalar.position, path, std::move(std::get<NotExpanded>(expanded).message));
  return std::nullopt;
}

std::optional<std::string> Section::FindScalar(std::string_view key,
                                               std::string_view expected) const {
  YamlNode* const node = Find(key);
  if (node == nullptr) return std::nullopt;
  if (node->kind != YamlNode::Kind::kScalar) {
    // The values below may be a misplaced secret.
    node->ignores_unknown_keys = true;
    Mistake(key, "expected " + std::string(expected));
    return std::nullopt;
  }
  return Expand(*node, PathOf(key));
}

std::optional<std::vector<std::string>> Section::FindList(std::string_view key) const {
  YamlNode* const node = Find(key);
  if (node == nullptr) return std::nullopt;
  if (node->kind != YamlNode::Kind::kSequence) {
    node->ignores_unknown_keys = true;
    Mistake(key, "expected a list, such as [a, b]");
    return std::nullopt;
  }
  std::vector<std::string> texts;
  for (const auto& item : node->items) {
    const std::string path = PathOf(key) + "[" + std::to_string(texts.size()) + "]";
    std::optional<std::string> text;
    if (item->kind == YamlNode::Kind::kScalar) {
      text = Expand(*item, path);
      if (!text) return std::nullopt;
    }
    if (!text || text->empty()) {
      context_->Report(item->position, path, "expected a non-empty string");
      return std::nullopt;
    }
    texts.push_back(std::move(*text));
  }
  return texts;
}

std::optional<Section> Section::Child(std::string_view key) const {
  YamlNode* const node = Find(key);
  if (node == nullptr) return std::nullopt;
  if (node->kind == YamlNode::Kind::kMapping) return Section(*node, *context_, PathOf(key));
  if (node->kind == YamlNode::Kind::kNull) {
    Doubt(key, "sets nothing: no key stands below it (a comment does not count)");
  } else {
    Mistake(key, "expected a mapping: lines of `key: value`");
  }
  return std::nullopt;
}

std::vector<std::string> Section::Keys() const {
  std::vector<std::string> keys;
  for (const YamlNode::Member& member : node_->members) {
    if (std::find(keys.begin(), keys.end(), member.key) == keys.end()) keys.push_back(member.key);
  }
  return keys;
}

bool Section::ContainsVariable(std::string_view key) const {
  const YamlNode* const node = Find(key);
  return node != nullptr && node->kind == YamlNode::Kind::kScalar && HasVariable(node->text);
}

void Section::Skip(std::string_view key) const {
  if (YamlNode* const node = Find(key)) node->ignores_unknown_keys = true;
}

void Section::IgnoreUnknownKeys() const { node_->ignores_unknown_keys = true; }

bool Section::ReadSecret(std::string_view key, std::string& out) const {
  const std::string file_key = std::string(key) + "_file";
  if (Has(key) && Has(file_key)) {
    Mistake(file_key, "conflicts with " + std::string(key) + ": set only one of them");
    return false;
  }
  if (std::string path; Read(file_key, path)) {
    Result<std::string> secret = ReadSecretFile(path);
    if (!secret) {
      Mistake(file_key, secret.error().detail);
      return false;
    }
    out = *std::move(secret);
    return true;
  }
  std::optional<std::string> secret = FindScalar(key, "a string");
  if (!secret) return false;
  if (secret->empty()) {
    Mistake(key, "must not be empty");
    return false;
  }
  out = std::move(*secret);
  return true;
}

bool Section::RequireSecret(std::string_view key, std::string& out) const {
  if (Has(key) || Has(std::string(key) + "_file")) return ReadSecret(key, out);
  context_->Report(node_->position, PathOf(key),
                   "must be set, or " + std::string(key) + "_file instead");
  return false;
}

bool Section::ReadSecrets(std::string_view key, std::vector<std::string>& out) const {
  std::optional<std::vector<std::string>> secrets = FindList(key);
  if (!secrets) return false;
  if (secrets->empty()) {
    Mistake(key, "must contain at least one value");
    return false;
  }
  out = std::move(*secrets);
  return true;
}

}  // namespace common::config
