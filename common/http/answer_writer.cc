#include "common/http/answer_writer.h"

#include "common/http/render.h"

namespace common::http {

void AnswerWriter::Prepare(const Answer& answer, const About& about, std::string& head) {
  about_ = about;
  status_ = answer.status;
  note_ = answer.note;
  RenderHead(answer, {.close = about.closes, .http11 = about.http11}, head);
}

Outbox::SendStatus AnswerWriter::Send(const Fd& socket, Answer& answer, std::string& head) {
  if (about_.without_body) answer.body.clear();
  return outbox_.Send(socket.get(), head, answer.body);
}

void AnswerWriter::Report(GuardedService& service,
                          std::chrono::steady_clock::duration since_head) const {
  service.Answered({.tag = about_.tag,
                    .fault = about_.fault,
                    .status = status_,
                    .note = note_,
                    .ticket = about_.ticket,
                    .since_head = since_head});
}

}  // namespace common::http
