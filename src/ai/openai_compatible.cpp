#include "ai/openai_compatible.h"

#include "ai/openai_format.h"
#include "ai/streamed_chat.h"

#include <utility>

namespace carevoice::ai {

std::unique_ptr<ChatModel> make_openai_compatible(OpenAiOptions options, net::HttpClient& http) {
    net::Headers credentials;
    if (!options.api_key.empty()) credentials.set("Authorization", "Bearer " + options.api_key);
    const OpenAiRequestOptions shape{
        .model = options.model, .temperature = options.temperature, .reasoning_effort = options.reasoning_effort};
    return make_streamed_chat(
        {.model = options.model,
         .origin = options.base_url,
         .target = path_prefix(options.base_url) + "/chat/completions",
         .credentials = std::move(credentials),
         .begin = [shape](const ChatPrompt& prompt) { return openai_request_begin(prompt, shape); },
         .end = openai_request_end,
         .read_chunk = read_openai_chunk},
        http);
}

}  // namespace carevoice::ai
