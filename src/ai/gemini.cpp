#include "ai/gemini.h"

#include "ai/prompt_cache.h"
#include "ai/streamed_chat.h"

#include <utility>

namespace carevoice::ai {

namespace {

std::string make_target(const GeminiOptions& options) {
    std::string path = options.base_url.path.substr(0, options.base_url.path.find('?'));
    while (path.ends_with('/')) path.pop_back();
    if (path.empty()) path = "/v1beta";
    return path + "/models/" + net::encode_component(options.model) + ":streamGenerateContent?alt=sse";
}

class Gemini final : public ChatModel {
public:
    Gemini(GeminiOptions options, net::HttpClient& http)
        : options_(std::move(options)),
          target_(make_target(options_)),
          begins_([this](const ChatPrompt& prompt) {
              return gemini_request_begin(prompt, options_.thinking, options_.temperature);
          }),
          http_(http) {}

    async::Task<Result<std::unique_ptr<ChatReply>>> ask(ChatPrompt prompt, Deadline deadline) override {
        auto request = make_request(prompt);
        if (request.has_error()) co_return request.error();
        co_return co_await ask_server(http_, pause_, options_.base_url, std::move(*request), read_gemini_chunk,
                                      deadline);
    }
    [[nodiscard]] const std::string& name() const noexcept override { return options_.model; }
    [[nodiscard]] SteadyTime not_before() const noexcept override { return pause_.end(); }

private:
    Result<net::HttpRequest> make_request(const ChatPrompt& prompt) {
        const auto begin = begins_.get(prompt);
        if (begin.has_error()) return begin.error();
        const auto end = gemini_request_end(prompt.messages);
        if (end.has_error()) return end.error();
        net::HttpRequest request;
        request.method = "POST";
        request.target = target_;
        request.headers.set("Content-Type", "application/json");
        // Never as "?key=": targets are logged.
        if (options_.is_key_bearer_token)
            request.headers.set("Authorization", "Bearer " + options_.api_key);
        else
            request.headers.set("x-goog-api-key", options_.api_key);
        request.body = **begin + *end;
        return request;
    }

    const GeminiOptions options_;
    const std::string target_;
    PromptCache begins_;
    net::HttpClient& http_;
    Pause pause_;
};

}  // namespace

std::unique_ptr<ChatModel> make_gemini(GeminiOptions options, net::HttpClient& http) {
    return std::make_unique<Gemini>(std::move(options), http);
}

}  // namespace carevoice::ai
