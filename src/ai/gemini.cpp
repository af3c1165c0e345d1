#include "ai/gemini.h"

#include "ai/streamed_chat.h"

#include <utility>

namespace carevoice::ai {

namespace {

net::Headers credentials(const GeminiOptions& options) {
    net::Headers headers;
    // Never as "?key=": targets are logged.
    if (options.is_key_bearer_token)
        headers.set("Authorization", "Bearer " + options.api_key);
    else
        headers.set("x-goog-api-key", options.api_key);
    return headers;
}

}  // namespace

std::unique_ptr<ChatModel> make_gemini(GeminiOptions options, net::HttpClient& http) {
    const auto path = path_prefix(options.base_url, "/v1beta");
    auto target = path + "/models/" + net::encode_component(options.model) + ":streamGenerateContent?alt=sse";
    return make_streamed_chat(
        {.model = options.model,
         .origin = options.base_url,
         .target = std::move(target),
         .credentials = credentials(options),
         .begin = [thinking = options.thinking, temperature = options.temperature](
                      const ChatPrompt& prompt) { return gemini_request_begin(prompt, thinking, temperature); },
         .end = gemini_request_end,
         .read_chunk = read_gemini_chunk},
        http);
}

}  // namespace carevoice::ai
