using Mtlc.Dsl.Diagnostics;

namespace Mtlc.Tests.Diagnostics;

public class SuggestionsTests
{
    [Theory]
    [InlineData("from_dept", "from_depth", "from_semseg", "depth_1", "from_depth")]
    [InlineData("rsenet34", "resnet34", "resnet18", "resnet34", "resnet50")]
    [InlineData("Depth", "depth", "depth_1", "depth")]
    [InlineData("momentun", "momentum", "lr", "momentum", "weight_decay")]
    [InlineData("rl", "lr", "lr", "batch")]
    [InlineData("segment", "segmentation", "segmentation", "depth")]
    [InlineData("cross_entrpoy", "cross_entropy", "l2", "l1", "cross_entropy")]
    public void The_word_that_was_meant_is_found(string word, string meant, params string[] candidates) =>
        Assert.Equal(meant, Suggestions.Closest(word, candidates));

    [Theory]
    [InlineData("x", "y", "i")]
    [InlineData("banana", "depth", "semseg")]
    [InlineData("l2", "x1", "ab")]
    [InlineData("dep", "depth_1", "depth_2")]
    [InlineData("", "a")]
    public void A_stranger_gets_no_suggestion(string word, params string[] candidates) =>
        Assert.Null(Suggestions.Closest(word, candidates));

    [Fact]
    public void The_word_itself_is_no_suggestion() => Assert.Equal("depth_1", Suggestions.Closest("depth", ["depth", "depth_1"]));

    [Fact]
    public void Endless_words_are_not_compared() =>
        Assert.Null(Suggestions.Closest(new string('a', 100_000), [new string('a', 99_999)]));

    [Theory]
    [InlineData("ab", "ba", 1)]
    [InlineData("kitten", "sitting", 3)]
    [InlineData("", "abc", 3)]
    [InlineData("ca", "abc", 3)]
    public void Distances_are_those_of_the_literature(string from, string to, int distance)
    {
        Assert.Equal(distance, Suggestions.Distance(from, to));
        Assert.Equal(distance, Suggestions.Distance(to, from));
    }
}
