// The reader as it is shipped: protocols/rules.json and protocols/lexicon.json of this checkout.
#pragma once

#include "domain/understanding.h"

#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>

namespace carevoice::domain {

inline std::string text_of_file(const std::string& path) {
    std::ifstream file(std::string(CAREVOICE_SOURCE_DIR) + "/" + path, std::ios::binary);
    if (!file) throw std::runtime_error("cannot open " + path);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

inline const ClinicalReader& shipped_reader() {
    static const ClinicalReader reader = [] {
        auto loaded = ClinicalReader::load(text_of_file("protocols/rules.json"), text_of_file("protocols/lexicon.json"),
                                           text_of_file("protocols/concepts.json"));
        if (!loaded) throw std::runtime_error(loaded.error().detail);
        return std::move(*loaded);
    }();
    return reader;
}

inline Understanding read(const std::string& question, const std::string& utterance) {
    UtteranceContext context;
    context.question = question;
    return shipped_reader().read(utterance, context);
}

}  // namespace carevoice::domain
