using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Raywright.Core;
using Raywright.Core.Api;
using Raywright.Core.Errors;
using Raywright.Server.Access;
using Raywright.Server.Blobs;
using Raywright.Server.Deploying;
using Raywright.Server.Models;
using Raywright.Server.Store;

namespace Raywright.Server.Hosting;

/// <summary>One run of a server: takes its home, opens its database, serves until it is told to stop.</summary>
public sealed class ServerHost : IAsyncDisposable
{
    private const int MostPortsTried = 200;
    private static readonly TimeSpan UploadLife = TimeSpan.FromDays(1);
    private readonly ServerHome home;
    private readonly DbStore store;
    private readonly WebApplication app;

    private ServerHost(ServerHome home, DbStore store, WebApplication app) => (this.home, this.store, this.app) = (home, store, app);

    public ServerInfo Info { get; private set; } = null!;

    public IServiceProvider Services => app.Services;

    /// <summary>A server that is ready, or why there is none.</summary>
    public static async Task<Result<ServerHost>> StartAsync(ServerOptions options, TimeProvider clock, CancellationToken cancellation = default)
    {
        Result<ServerHome> taken = await ServerHome.TakeAsync(options.Home, clock, cancellation);
        if (!taken.Ok)
            return taken.Problems;
        Result<DbStore> opened = options.Store is null
            ? await DbStore.OpenSqliteAsync(taken.Value.Database, cancellation)
            : await DbStore.OpenPostgresAsync(options.Store, cancellation);
        if (!opened.Ok)
        {
            taken.Value.Dispose();
            return opened.Problems;
        }
        ServerHost host = new(taken.Value, opened.Value, ServerApplication.Build(options, taken.Value, opened.Value, clock));
        Problem? refusal = await host.ListenAsync(options, clock, cancellation);
        if (refusal is null)
            return host;
        await host.DisposeAsync();
        return refusal;
    }

    /// <summary>Serves until the process is told to stop, then answers what is in flight.</summary>
    public Task WaitAsync(bool stopWithStdin)
    {
        IHostApplicationLifetime lifetime = Services.GetRequiredService<IHostApplicationLifetime>();
        if (stopWithStdin)
        {
            new Thread(() =>
            {
                // Whoever started us holds the other end; it ends with them, however they end.
                Stream input = Console.OpenStandardInput();
                Span<byte> ignored = stackalloc byte[64];
                while (input.Read(ignored) > 0)
                {
                }
                lifetime.StopApplication();
            })
            { IsBackground = true, Name = "standard input" }.Start();
        }
        return app.WaitForShutdownAsync();
    }

    public async ValueTask DisposeAsync()
    {
        home.Withdraw();
        // Disposing alone stops no service, and what is under way must not meet a closed database.
        if (!app.Lifetime.ApplicationStopped.IsCancellationRequested)
            await app.StopAsync();
        await app.DisposeAsync();
        await store.DisposeAsync();
        home.Dispose();
    }

    private async Task<Problem?> ListenAsync(ServerOptions options, TimeProvider clock, CancellationToken cancellation)
    {
        try
        {
            await PrepareAsync(clock);
            await app.StartAsync(cancellation);
        }
        catch (IOException e) when (e.InnerException is AddressInUseException)
        {
            return options.OpsPort is { } ops && !IsFree(ops) ? PortTaken("--ops-port", ops)
                : options.AppPort is { } pages && !IsFree(pages) ? PortTaken("--app-port", pages)
                : PortTaken("--port", options.Port);
        }
        catch (Exception e) when (e is SocketException || e.InnerException is SocketException)
        {
            return new(Catalogue.OptionWrong, string.Create(CultureInfo.InvariantCulture, $"Port {options.Port} cannot be used: {(e.InnerException ?? e).Message}"), "--port");
        }
        catch (Exception e) when (StoreFailure.Of(e) is { } known)
        {
            return known;
        }
        ServerAddress address = Services.GetRequiredService<ServerAddress>();
        address.Url = Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses
            .First(url => new Uri(url).Port is var port && port != options.OpsPort && port != options.AppPort);
        address.AppUrl = options.AppPort is { } own ? new UriBuilder(address.Url) { Port = own }.Uri.GetLeftPart(UriPartial.Authority) : address.Url;
        address.StartedAt = clock.NowMicros();
        Info = ServerApplication.Info(options, address, store);
        home.Announce(Info);
        return null;
    }

    /// <summary>What has to be right before the first request: keys, and no leftovers.</summary>
    private async Task PrepareAsync(TimeProvider clock)
    {
        KeyService keys = Services.GetRequiredService<KeyService>();
        await keys.PublishAsync();
        if (home.ReadOwnerKey() is not { } owner || !keys.IsValid(owner))
        {
            Result<KeyCreated> created = await keys.CreateAsync(new KeyRequest("owner", ["admin"]), "server");
            home.WriteOwnerKey(created.Value.Key);
        }
        (HashSet<string> blobs, HashSet<string> digests) = await Services.GetRequiredService<ModelService>().ReferencedAsync();
        blobs.UnionWith(await Services.GetRequiredService<DeployService>().UnfinishedBlobsAsync());
        Services.GetRequiredService<BlobStore>().Collect(blobs, (clock.GetUtcNow() - UploadLife).UtcDateTime);
        Services.GetRequiredService<VersionFolders>().KeepOnly(digests);
    }

    private static Problem PortTaken(string option, int port)
    {
        int free = Enumerable.Range(port + 1, MostPortsTried).FirstOrDefault(next => next < 65536 && IsFree(next));
        return new(Catalogue.PortTaken, string.Create(CultureInfo.InvariantCulture, $"Port {port} is taken by another program."),
            Fix: free == 0 ? null : string.Create(CultureInfo.InvariantCulture, $"Start with `{option} {free}`, which is free."));
    }

    private static bool IsFree(int port)
    {
        try
        {
            using TcpListener listener = new(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
