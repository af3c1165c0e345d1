#include "ai/sentence_encoder.h"

#include "ai/safetensors.h"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <future>
#include <numeric>
#include <string>
#include <vector>

namespace carevoice::ai {
namespace {

const std::filesystem::path folder = std::filesystem::path(CAREVOICE_MODELS_DIR) / "sentence-encoder";

const SentenceEncoder& encoder() {
    static const SentenceEncoder shipped = SentenceEncoder::load(folder).value();
    return shipped;
}

float cosine(std::string_view left, std::string_view right) {
    const auto a = encoder().encode(left).value();
    const auto b = encoder().encode(right).value();
    return std::inner_product(a.begin(), a.end(), b.begin(), 0.0F);
}

// The same sentences through the published weights in 32 bits (NumPy): the first eight of 384 numbers.
TEST(SentenceEncoder, GivesThePublishedModelsVectors) {
    const std::vector<std::pair<std::string, std::vector<float>>> published = {
        {"Feels like somebody parked a truck on my ribs.",
         {0.04853F, -0.01252F, 0.03908F, 0.02574F, 0.08763F, -0.09001F, 0.07667F, 0.01954F}},
        {"No chest pain, no trouble breathing.",
         {0.0314F, 0.06939F, -0.02554F, 0.04596F, 0.03051F, -0.02551F, -0.10202F, -0.02459F}},
        {"yes", {-0.11736F, 0.00065F, 0.02939F, 0.0275F, 0.01498F, -0.02223F, 0.1376F, 0.04215F}}};
    for (const auto& [sentence, numbers] : published) {
        const auto vector = encoder().encode(sentence).value();
        for (std::size_t i = 0; i < numbers.size(); ++i) EXPECT_NEAR(vector[i], numbers[i], 0.012) << sentence << i;
    }
}

TEST(SentenceEncoder, PutsLikeSentencesTogether) {
    const float like = cosine("I cannot catch my breath.", "It is hard to breathe.");
    EXPECT_NEAR(like, 0.611, 0.02);
    EXPECT_NEAR(cosine("I cannot catch my breath.", "I had toast for breakfast."), 0.161, 0.02);
}

TEST(SentenceEncoder, TakesAnythingAndGivesLengthOne) {
    for (const auto& text :
         {std::string(), std::string(20'000, 'a'), std::string("\xFF\xFE\x00", 3), std::string("?")}) {
        const auto vector = encoder().encode(text).value();
        EXPECT_NEAR(std::inner_product(vector.begin(), vector.end(), vector.begin(), 0.0F), 1.0F, 1e-4F);
    }
}

TEST(SentenceEncoder, GivesTheSameOnManyThreads) {
    const auto expected = encoder().encode("My knee gave way on the stairs.").value();
    std::vector<std::future<SentenceVector>> others;
    for (int i = 0; i < 4; ++i) {
        others.push_back(
            std::async(std::launch::async, [] { return encoder().encode("My knee gave way on the stairs.").value(); }));
    }
    for (auto& other : others) EXPECT_EQ(other.get(), expected);
}

TEST(SentenceEncoder, RefusesWhatIsNotTheModel) {
    EXPECT_EQ(SentenceEncoder::load("/nowhere").error().code, Errc::not_found);
    const std::vector<EncoderAdapter> stray = {
        {.tensor = "no.such", .rank = 1, .rows = 1, .columns = 1, .down = {1}, .up = {1}}};
    EXPECT_EQ(SentenceEncoder::load(folder, stray).error().code, Errc::corrupt);
}

TEST(SentenceEncoder, AnAdapterChangesTheVectors) {
    EncoderAdapter adapter{.tensor = "encoder.layer.5.output.dense.weight",
                           .rank = 1,
                           .rows = sentence_width,
                           .columns = 4 * sentence_width,
                           .down = std::vector<float>(4 * sentence_width, 0.01F),
                           .up = std::vector<float>(sentence_width, 0.0F)};
    adapter.up[0] = 5;
    const auto adapted = SentenceEncoder::load(folder, std::vector{adapter}).value();
    EXPECT_NE(adapted.encode("yes").value(), encoder().encode("yes").value());
}

TEST(Safetensors, RefusesBrokenFiles) {
    const auto file = std::filesystem::temp_directory_path() / "carevoice-broken.safetensors";
    const auto read = [&](const std::string& bytes) {
        std::ofstream(file, std::ios::binary) << bytes;
        return Safetensors::read(file);
    };
    const auto with_header = [](const std::string& header, const std::string& data) {
        std::string bytes(8, '\0');
        bytes[0] = static_cast<char>(header.size());
        return bytes + header + data;
    };
    EXPECT_EQ(read("").error().code, Errc::corrupt);
    EXPECT_EQ(read(std::string(8, '\xFF')).error().code, Errc::corrupt);
    EXPECT_EQ(read(with_header("no json", "")).error().code, Errc::corrupt);
    EXPECT_EQ(read(with_header(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", "1234")).error().code,
              Errc::corrupt);
    const auto good = read(with_header(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})", "1234"));
    ASSERT_TRUE(good);
    EXPECT_EQ(good->tensor("a", {1})->size(), 1U);
    EXPECT_EQ(good->tensor("a", {2}).error().code, Errc::corrupt);
    EXPECT_EQ(good->tensor("b", {1}).error().code, Errc::corrupt);
    std::filesystem::remove(file);
}

}  // namespace
}  // namespace carevoice::ai
