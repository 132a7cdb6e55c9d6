using Raywright.Core.Api;
using Raywright.Server.App.Endpoints;
using Xunit;

namespace Raywright.Server.Tests.App;

public sealed class LogFeedTests
{
    [Fact]
    public void TheNewestLines_AreKept_UnderTheirNumbers()
    {
        LogFeed feed = new("dev", "iris");
        for (int number = 1; number <= LogFeed.Most + 50; number++)
            feed.Add(new LogLine(number, "iris-dev-1", "stdout", $"line {number}"));
        FeedLine[] lines = feed.Look();
        Assert.Equal(LogFeed.Most, lines.Length);
        Assert.Equal((51, "line 51"), (lines[0].Number, lines[0].Line.Text));
        Assert.Equal(LogFeed.Most + 50, feed.Last);
        Assert.Equal(LogFeed.Most + 50, feed.Seen);
    }
}
