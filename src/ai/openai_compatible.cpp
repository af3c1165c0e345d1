#include "ai/openai_compatible.h"

#include "ai/openai_format.h"
#include "ai/prompt_cache.h"
#include "ai/streamed_chat.h"

#include <utility>

namespace carevoice::ai {

namespace {

std::string make_target(const net::Url& base) {
    std::string path = base.path.substr(0, base.path.find('?'));
    while (path.ends_with('/')) path.pop_back();
    return path + "/chat/completions";
}

class OpenAiCompatible final : public ChatModel {
public:
    OpenAiCompatible(OpenAiOptions options, net::HttpClient& http)
        : options_(std::move(options)),
          target_(make_target(options_.base_url)),
          begins_([this](const ChatPrompt& prompt) {
              return openai_request_begin(prompt, {.model = options_.model,
                                                   .temperature = options_.temperature,
                                                   .reasoning_effort = options_.reasoning_effort});
          }),
          http_(http) {}

    async::Task<Result<std::unique_ptr<ChatReply>>> ask(ChatPrompt prompt, Deadline deadline) override {
        auto request = make_request(prompt);
        if (request.has_error()) co_return request.error();
        co_return co_await ask_server(http_, pause_, options_.base_url, std::move(*request), read_openai_chunk,
                                      deadline);
    }
    [[nodiscard]] const std::string& name() const noexcept override { return options_.model; }
    [[nodiscard]] SteadyTime not_before() const noexcept override { return pause_.end(); }

private:
    Result<net::HttpRequest> make_request(const ChatPrompt& prompt) {
        const auto begin = begins_.get(prompt);
        if (begin.has_error()) return begin.error();
        const auto end = openai_request_end(prompt.messages);
        if (end.has_error()) return end.error();
        net::HttpRequest request;
        request.method = "POST";
        request.target = target_;
        request.headers.set("Content-Type", "application/json");
        if (!options_.api_key.empty()) request.headers.set("Authorization", "Bearer " + options_.api_key);
        request.body = **begin + *end;
        return request;
    }

    const OpenAiOptions options_;
    const std::string target_;
    PromptCache begins_;
    net::HttpClient& http_;
    Pause pause_;
};

}  // namespace

std::unique_ptr<ChatModel> make_openai_compatible(OpenAiOptions options, net::HttpClient& http) {
    return std::make_unique<OpenAiCompatible>(std::move(options), http);
}

}  // namespace carevoice::ai
