#include "common/http/render.h"

#include <charconv>
#include <cstddef>

namespace common::http {
namespace {

std::string_view Reason(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 204:
      return "No Content";
    case 302:
      return "Found";
    case 304:
      return "Not Modified";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 410:
      return "Gone";
    case 411:
      return "Length Required";
    case 413:
      return "Payload Too Large";
    case 422:
      return "Unprocessable Entity";
    case 425:
      return "Too Early";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    default:
      return "Status";
  }
}

void AppendNumber(std::string& out, std::size_t number) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  out.append(digits, end);
}

void AppendField(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ").append(value).append("\r\n");
}

}  // namespace

void RenderHead(const Answer& answer, const RenderContext& context, std::string& out) {
  out.assign("HTTP/1.1 ");
  AppendNumber(out, static_cast<std::size_t>(answer.status));
  out.append(" ").append(Reason(answer.status)).append("\r\n");
  if (!answer.body.empty()) AppendField(out, "Content-Type", answer.content_type);
  if (answer.status != 204 && answer.status != 304) {
    out.append("Content-Length: ");
    AppendNumber(out, answer.body.size());
    out.append("\r\n");
  }
  for (const auto& [name, value] : answer.fields) AppendField(out, name, value);
  if (context.close) {
    AppendField(out, "Connection", "close");
  } else if (!context.http11) {
    AppendField(out, "Connection", "keep-alive");
  }
  out.append("\r\n");
}

}  // namespace common::http
