// What is asked of a language model.
#pragma once

#include <string>
#include <vector>

namespace carevoice::ai {

struct ChatMessage {
    enum class Role { user, assistant };
    Role role = Role::user;
    std::string text;
};

/// Holds no name, date of birth or other identifier: who runs a model may keep what it is sent.
struct ChatPrompt {
    std::string system;                 ///< the rules: few different texts, for they are kept ready for the wire
    std::vector<ChatMessage> messages;  ///< oldest first; the last one is a user's
    std::string schema;           ///< JSON Schema of the answer: an object whose first property is "speak", a string
    int max_output_tokens = 256;  ///< thoughts count, too
};

}  // namespace carevoice::ai
