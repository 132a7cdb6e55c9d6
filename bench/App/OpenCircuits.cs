using System.Net;

namespace Raywright.Bench.App;

/// <summary>Pages that are open: each has its circuit and acknowledges what it is told to draw, as a browser does, without drawing.</summary>
internal sealed class OpenCircuits : IAsyncDisposable
{
    public static readonly OpenCircuits None = new([]);

    private readonly Circuit[] circuits;
    private readonly long before;

    private OpenCircuits(Circuit[] circuits) => (this.circuits, before) = (circuits, circuits.Sum(circuit => circuit.Batches));

    /// <summary>Drawings since all were open.</summary>
    public long Batches => circuits.Sum(circuit => circuit.Batches) - before;

    /// <param name="subject">Whose pages.</param>
    /// <param name="count">How many.</param>
    /// <param name="paths">Opened in turn.</param>
    public static async Task<OpenCircuits> OpenAsync(AppSubject subject, int count, string[] paths)
    {
        CookieContainer cookies = new();
        using HttpClient http = new(new HttpClientHandler { CookieContainer = cookies });
        (await http.GetAsync(await subject.LinkAsync())).EnsureSuccessStatusCode();
        Circuit[] opened = await Task.WhenAll(Enumerable.Range(0, count).Select(number => Circuit.OpenAsync(http, cookies, new Uri(subject.Url, paths[number % paths.Length]))));
        return new(opened);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (Circuit circuit in circuits)
            await circuit.DisposeAsync();
    }
}
