using Raywright.Core.Contracts;
using Raywright.Core.Tensors;
using Raywright.Server.App.Playground;
using Xunit;

namespace Raywright.Server.Tests.App;

/// <summary>What is said of a body while it is written.</summary>
public sealed class JsonCompletionTests
{
    private static readonly Contract Contract = new(
        [new("plan", DataType.String, [-1, 1], Values: ["basic", "pro"]), new("size", DataType.Float32, [-1, 2], ["width", "height"])], [new("y", DataType.Float32, [-1])]);

    [Theory]
    [InlineData("{\"inputs\": {", "Not JSON yet at line 1, column 13.")]
    [InlineData("{\n  \"inputs\": nul\n}", "Not JSON yet at line 2, column 16.")]
    [InlineData("[1]", "The body is an object with `inputs`.")]
    [InlineData("{\"inputs\": {}, \"inputz\": 1}", "A body has `inputs` and `parameters`, and no `inputz`.")]
    [InlineData("{\"inputs\": {\"widht\": 1}}", "The model has no input `widht`; did you mean `width`?")]
    [InlineData("{\"inputs\": {\"plan\": \"pro\"}}", null)]
    public void WhatIsWrong_IsSaidWithItsPlace(string text, string? said) => Assert.Equal(said, JsonCompletion.Of(Contract, text).Complaint);

    [Theory]
    [InlineData("{\"inputs\": {}}", "plan size")]
    [InlineData("{\"inputs\": {\"width\": 1}}", "plan height")]
    [InlineData("{\"inputs\": {\"plan\": \"pro\", \"size\": [1, 2]}}", "")]
    [InlineData("{\"inputs\": [[1]]}", "")]
    public void KeysThatAreMissing_AreOffered(string text, string keys) => Assert.Equal(keys, string.Join(' ', JsonCompletion.Of(Contract, text).Missing));

    [Theory]
    [InlineData("{\"inputs\": {\"width\": 7}}", "height", "{\"inputs\":{\"width\":7,\"height\":0}}")]
    [InlineData("{\"inputs\": {\"plan\": [[\"pro\"]]}}", "size", "{\"inputs\":{\"plan\":[[\"pro\"]],\"size\":[[0,0]]}}")]
    [InlineData("{\"inputs\": {\"plan\": \"pro\"}}", "size", "{\"inputs\":{\"plan\":\"pro\",\"size\":[0,0]}}")]
    public void AKey_IsAddedInTheFormOfTheRest(string text, string key, string body) =>
        Assert.Equal(body, JsonCompletion.Add(Contract, text, key)!.Replace(" ", "", StringComparison.Ordinal).Replace("\n", "", StringComparison.Ordinal));

    [Fact]
    public void ATextThatIsNoBody_StaysAsItIs() => Assert.Null(JsonCompletion.Add(Contract, "{", "plan"));
}
