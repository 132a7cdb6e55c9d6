using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Components;
using Raywright.Core.Api;

namespace Raywright.Server.App.Endpoints;

/// <summary>What the lines of an endpoint's page know and do; their markup is beside it.</summary>
public abstract partial class LogSectionState : LiveSection
{
    /// <summary>Lines in the page.</summary>
    internal const int MostShown = 150;

    /// <summary>Of a flood, whose lines are all others at the next look.</summary>
    private const int MostShownOfFlood = 50;

    private const int LongestText = 2000;

    /// <summary>Where so many lines come between two looks nobody can read along, and drawing them is work for nothing.</summary>
    private const int Flood = 40;

    private const int LooksInFlood = 2;

    private LogFeed? feed;
    private long looked;
    private int patience;
    private string text = "";
    private string source = "";

    [Parameter, EditorRequired]
    public string Environment { get; set; } = "";

    [Parameter, EditorRequired]
    public string Model { get; set; } = "";

    [Inject]
    internal LogFeeds Feeds { get; set; } = null!;

    internal IReadOnlyList<FeedLine> Shown { get; private set; } = [];

    protected bool Paused { get; private set; }

    /// <summary>Whether lines were asked for yet; the first drawing of a page has none.</summary>
    protected bool Follows => feed is not null;

    /// <summary>Lines that came while it was paused.</summary>
    protected long Waiting => Paused && feed is not null ? feed.Last - looked : 0;

    /// <summary>Part of a line's text or of its request's ID.</summary>
    protected string Wanted
    {
        get => text;
        set
        {
            text = value;
            Filter();
        }
    }

    /// <summary>A source, or empty for all.</summary>
    protected string Source
    {
        get => source;
        set
        {
            source = value;
            Filter();
        }
    }

    protected static string TextOf(LogLine line)
    {
        string plain = Colour().Replace(line.Text, "");
        return plain.Length > LongestText ? string.Concat(plain.AsSpan(0, LongestText), " …") : plain;
    }

    protected void Pause()
    {
        Paused = !Paused;
        Filter();
    }

    protected void ShowRequest(string id) => Wanted = id;

    protected void ShowAll() => (Wanted, Source) = ("", "");

    protected override void OnAfterRender(bool firstRender)
    {
        if (firstRender)
            feed = Feeds.Open(Environment, Model);
        base.OnAfterRender(firstRender);
    }

    protected override bool Look()
    {
        if (feed is null || feed.Last == looked)
            return false;
        if (Paused)
            return true;
        bool flood = looked > 0 && feed.Last - looked > Flood;
        if (flood && ++patience < LooksInFlood)
            return false;
        patience = 0;
        Take(flood ? MostShownOfFlood : MostShown);
        return true;
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (disposing && feed is not null)
            Feeds.Close(feed);
        feed = null;
    }

    /// <summary>While it is paused a filter works on what stood there then, as far as that is kept.</summary>
    private void Filter()
    {
        if (Paused)
            Shown = Matching(line => line.Number <= looked, MostShown);
        else
            Take(MostShown);
    }

    private void Take(int most)
    {
        looked = feed?.Last ?? 0;
        Shown = Matching(_ => true, most);
    }

    private FeedLine[] Matching(Func<FeedLine, bool> more, int most) =>
    [
        .. (feed?.Look() ?? []).Where(line => more(line) && (source.Length == 0 || line.Line.Source == source)
            && (text.Length == 0 || Has(line.Line.Text) || Has(line.Line.RequestId))).TakeLast(most),
    ];

    private bool Has(string? where) => where?.Contains(text.Trim(), StringComparison.OrdinalIgnoreCase) == true;

    [GeneratedRegex(@"\x1B\[[0-9;?]*[ -/]*[@-~]|[\x00-\x08\x0B-\x1F\x7F]")]
    private static partial Regex Colour();
}
