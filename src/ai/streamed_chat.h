// Asking a chat server over HTTP and reading its answer while it comes: what all kinds of servers have in common.
#pragma once

#include "ai/answer_reader.h"
#include "ai/chat_model.h"
#include "ai/prompt_cache.h"
#include "net/client.h"

#include <memory>
#include <string>
#include <vector>

namespace carevoice::ai {

/// What tells one kind of chat server from another.
struct ChatServer {
    std::string model;  ///< what ChatModel::name() says
    net::Url origin;
    std::string target;        ///< of every request; holds no secret, for targets are logged
    net::Headers credentials;  ///< none when the server wants none
    /// All of a request's body but its messages, and then the rest: the body is one after the other.
    PromptCache::Build begin;
    Result<std::string> (*end)(const std::vector<ChatMessage>&) = nullptr;
    ReadChunk read_chunk = nullptr;
};

/// Errors as of ChatModel::ask(). `http` outlives the result. Does not try again.
std::unique_ptr<ChatModel> make_streamed_chat(ChatServer server, net::HttpClient& http);

/// The path of `base` without its query and last slashes, or `otherwise` where that leaves nothing.
std::string path_prefix(const net::Url& base, std::string_view otherwise = {});

}  // namespace carevoice::ai
