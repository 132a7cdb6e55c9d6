using System.Collections.Immutable;
using Microsoft.AspNetCore.Components;
using Raywright.Core;
using Raywright.Core.Api;
using Raywright.Core.Bodies;
using Raywright.Core.Errors;
using Raywright.Gateway.Access;
using Raywright.Server.Access;
using Raywright.Server.App.Shared;

namespace Raywright.Server.App.Keys;

/// <summary>What the page of keys knows and does; its markup is beside it.</summary>
public abstract class KeysPageState : RoomPage
{
    private ImmutableArray<KeyInfo> all = [];

    [Inject]
    internal KeyService Keys { get; set; } = null!;

    internal override Room Room => Room.Keys;

    internal KeyForm Form { get; private set; } = new();

    /// <summary>The key that was just made; gone with the page, or when the person has it.</summary>
    protected KeyCreated? Created { get; private set; }

    protected ProblemDetails? Refusal { get; private set; }

    /// <summary>ID of the key whose revocation waits for a yes.</summary>
    protected string? Asked { get; private set; }

    protected bool WithGone { get; private set; }

    protected IEnumerable<KeyInfo> Shown => all.Where(key => WithGone || IsValid(key));

    protected int Valid => all.Count(IsValid);

    protected int Gone => all.Length - Valid;

    internal override async ValueTask<bool> ReadAsync(ImmutableArray<EndpointInfo> endpoints)
    {
        all = (await Keys.ListAsync()).Items;
        return true;
    }

    protected bool IsValid(KeyInfo key) => !key.Revoked && !(key.ExpiresAt <= Clock.NowMicros());

    protected string Expiry(KeyInfo key) => key.ExpiresAt is not { } at ? "never"
        : at <= Clock.NowMicros() ? "expired"
        : (Instants.Micros(Now.AddDays(1)) > at) ? "within a day"
        : $"in {Math.Round((at - Clock.NowMicros()) / (double)TimeSpan.MicrosecondsPerDay)} d";

    protected async Task CreateAsync()
    {
        Refusal = null;
        if (await CallerAsync() is not { } caller)
            return;
        Result<KeyCreated> made = await Keys.CreateAsync(Form.ToRequest(Now), caller.Name);
        if (made.Ok)
            (Created, Form) = (made.Value, new());
        else
            Refusal = ProblemWriter.Details(made.Problems);
        await ReadAsync([]);
    }

    protected async Task RevokeAsync(string id)
    {
        (Refusal, Asked) = (null, null);
        if (await CallerAsync() is not { } caller)
            return;
        if (await Keys.RevokeAsync(id, caller.Name) is { } problem)
            Refusal = ProblemWriter.Details(problem);
        if (Created?.Info.Id == id)
            Created = null;
        await ReadAsync([]);
    }

    protected void Ask(string? id) => Asked = id;

    protected void Hide() => Created = null;

    protected void ShowGone() => WithGone = !WithGone;

    /// <summary>The key of the session, asked anew: it may have lost its rights since the page was shown.</summary>
    private async ValueTask<KeyEntry?> CallerAsync() => await Session.KeyAsync() is { } key && Room.IsOpenTo(key) ? key : null;
}
