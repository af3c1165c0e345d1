// A server that speaks POST /chat/completions as a ChatModel: OpenAI, llama.cpp, Ollama, vLLM, and Gemini's own.
#pragma once

#include "ai/chat_model.h"
#include "net/client.h"

#include <memory>
#include <optional>
#include <string>

namespace carevoice::ai {

struct OpenAiOptions {
    net::Url base_url;    ///< "http://127.0.0.1:8080/v1": "/chat/completions" is added to its path
    std::string api_key;  ///< secret; empty: none is sent
    std::string model;
    std::optional<double> temperature;  ///< unset: the server's own
    std::string reasoning_effort;       ///< for models that think: "none", "minimal", "low" …; empty: not sent
};

/// `http` outlives the result. Does not try again.
std::unique_ptr<ChatModel> make_openai_compatible(OpenAiOptions options, net::HttpClient& http);

}  // namespace carevoice::ai
