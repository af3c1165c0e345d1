// A server that speaks POST /v1/audio/transcriptions (OpenAI, faster-whisper-server, whisper.cpp's own) as
// SpeechToText.
#pragma once

#include "core/metrics.h"
#include "net/client.h"
#include "speech/speech_to_text.h"

#include <memory>
#include <string>

namespace carevoice::speech {

struct RemoteSttOptions {
    net::Url base_url;    ///< "/v1/audio/transcriptions" is added to its path
    std::string api_key;  ///< secret; empty: none is sent
    std::string model = "whisper-1";
    std::size_t jobs_max = 16;
};

/// `http` and `metrics` outlive the result.
std::unique_ptr<SpeechToText> make_remote_stt(RemoteSttOptions options, net::HttpClient& http, Metrics& metrics);

}  // namespace carevoice::speech
