using Raywright.Core;
using Raywright.Core.Api;
using Raywright.Server.App.Keys;
using Xunit;

namespace Raywright.Server.Tests.App;

/// <summary>What the form of a key asks for, and the command that asks for the same.</summary>
public sealed class KeyFormTests
{
    private static readonly DateTimeOffset Now = new(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void TheRequest_IsWhatTheFormSays()
    {
        KeyForm form = new() { Name = " web shop ", Scope = "deploy", Endpoints = "prod/iris, dev/*", Days = "30" };
        KeyRequest request = form.ToRequest(Now);
        Assert.Equal(("web shop", "deploy"), (request.Name, Assert.Single(request.Scopes)));
        Assert.Equal(["prod/iris", "dev/*"], request.Endpoints);
        Assert.Equal(Instants.Micros(Now.AddDays(30)), request.ExpiresAt);
        Assert.Null(new KeyForm { Name = "a", Days = "" }.ToRequest(Now).ExpiresAt);
    }

    [Theory]
    [InlineData("", "query", "", "90", "raywright key create NAME --days 90")]
    [InlineData("ci", "deploy", "", "", "raywright key create ci --scope deploy")]
    [InlineData("Ana's", "query", "prod/* dev/iris", "1", @"raywright key create 'Ana'\''s' --endpoint 'prod/*' --endpoint dev/iris --days 1")]
    public void TheCommand_DoesTheSame(string name, string scope, string endpoints, string days, string command) =>
        Assert.Equal(command, new KeyForm { Name = name, Scope = scope, Endpoints = endpoints, Days = days }.Command());
}
