// Google's Gemini as a ChatModel: models.streamGenerateContent over REST.
#pragma once

#include "ai/chat_model.h"
#include "ai/gemini_format.h"
#include "net/client.h"

#include <memory>
#include <optional>
#include <string>

namespace carevoice::ai {

struct GeminiOptions {
    /// https://generativelanguage.googleapis.com; without a path, "/v1beta" is meant. Vertex AI's has its own:
    /// /v1beta1/projects/P/locations/L/publishers/google. "/models/NAME:streamGenerateContent" is added.
    net::Url base_url;
    std::string api_key;               ///< secret
    bool is_key_bearer_token = false;  ///< as Vertex AI wants it; else x-goog-api-key
    std::string model = "gemini-3.5-flash-lite";
    GeminiThinking thinking = GeminiThinking::least_of("gemini-3.5-flash-lite");
    std::optional<double> temperature;  ///< unset: the model's own, as Google advises
};

/// `http` outlives the result. Does not try again.
std::unique_ptr<ChatModel> make_gemini(GeminiOptions options, net::HttpClient& http);

}  // namespace carevoice::ai
