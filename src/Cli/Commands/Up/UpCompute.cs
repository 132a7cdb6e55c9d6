using System.Collections.Immutable;
using Raywright.Cli.CommandLine;
using Raywright.Cli.Models;
using Raywright.Cli.Output;
using Raywright.Core.Api;
using Raywright.Core.Api.Client;
using Raywright.Core.Errors;
using Spectre.Console;

namespace Raywright.Cli.Commands;

/// <summary><c>up --on</c>: makes a compute the one that the environment uses. A local Ray is added where there is none.</summary>
internal sealed class UpCompute(UpCommand.Options options, Session session, RaywrightClient client, string environment)
{
    /// <summary>The compute that is started where it is asked for and not there.</summary>
    private const string LocalRay = "ray";

    /// <summary>The environment as it is afterwards.</summary>
    public async Task<Result<EnvironmentInfo>> UseAsync(string compute, CancellationToken cancellation)
    {
        Result<Page<EnvironmentInfo>> environments = await client.EnvironmentsAsync(cancellation).ConfigureAwait(false);
        if (!environments.Ok)
            return environments.Problems;
        if (environments.Value.Items.FirstOrDefault(one => one.Name == environment) is not { } before)
            return new Problem(Catalogue.EnvironmentUnknown, $"There is no environment {environment}.");
        if (before.Compute == compute)
            return before;
        if (await EnsureAsync(compute, cancellation).ConfigureAwait(false) is { IsEmpty: false } missing)
            return missing;
        Result<EnvironmentInfo> changed = await client.ChangeEnvironmentAsync(environment, new EnvironmentChange(compute), cancellation).ConfigureAwait(false);
        if (changed.Ok && session.ShowsSteps)
            session.Terminal.Note($"{environment} uses the compute [bold]{Markup.Escape(compute)}[/] from now on (before: {Markup.Escape(before.Compute)})");
        return changed;
    }

    /// <summary>Why the compute is not there; nothing where it is.</summary>
    private async Task<ImmutableArray<Problem>> EnsureAsync(string compute, CancellationToken cancellation)
    {
        Result<Page<ComputeInfo>> computes = await client.ComputesAsync(cancellation).ConfigureAwait(false);
        if (!computes.Ok)
            return computes.Problems;
        if (computes.Value.Items.Any(one => one.Name == compute))
            return [];
        if (compute != LocalRay)
        {
            string known = string.Join(", ", computes.Value.Items.Select(one => one.Name));
            return [new Problem(Catalogue.ComputeUnknown, $"There is no compute {compute}; there is {known}.", Fix: $"Add it with `raywright compute add {compute} --dashboard URL`, or have one started by `--on {LocalRay}`.")];
        }
        Result<Operation> added = await AddAsync(options.Yes, cancellation).ConfigureAwait(false);
        if (added.Ok)
            return [];
        if (options.Yes || added.Problems.FirstOrDefault(problem => problem.Code == Catalogue.RayMissing.Code) is not { } lacking)
            return added.Problems;
        if (MayInstall(lacking) is { } refusal)
            return [refusal];
        added = await AddAsync(install: true, cancellation).ConfigureAwait(false);
        return added.Ok ? [] : added.Problems;
    }

    private Problem? MayInstall(Problem lacking)
    {
        if (!session.Terminal.CanAsk)
            return new Problem(Catalogue.ConfirmationMissing, $"{lacking.Detail} Ray can be installed, but nobody is at a terminal to say yes.", Fix: $"Add `--yes`, or run `raywright compute add {LocalRay} --local --install` first.");
        session.Terminal.Note(Markup.Escape(lacking.Detail));
        return session.Terminal.Confirm("Install Ray (`ray[serve]`, from the package index) into the home of the server?")
            ? null
            : new Problem(Catalogue.CommandCancelled, "Not confirmed; nothing was installed.", Fix: $"With Ray in an environment of your own: `raywright compute add {LocalRay} --local --python FOLDER`.");
    }

    private async Task<Result<Operation>> AddAsync(bool install, CancellationToken cancellation)
    {
        if (session.ShowsSteps)
            session.Terminal.Note($"adding the compute [bold]{LocalRay}[/], a Ray cluster on the machine of the server");
        using StepView view = new(session.Terminal, session.Clock, session.Problems);
        Result<Operation> begun = await client.AddComputeAsync(new ComputeRequest(LocalRay, Local: true, Install: install), cancellation).ConfigureAwait(false);
        return begun.Ok ? await DeployFlow.FollowAsync(session, client, begun.Value, view, cancellation).ConfigureAwait(false) : begun.Problems;
    }
}
