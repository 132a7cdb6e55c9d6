using System.Net;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using Raywright.Core.Errors;

namespace Raywright.Core.Api.Client;

/// <content>Answers in parts.</content>
public sealed partial class RaywrightClient
{
    /// <summary>
    /// Asks a model that streams. Each value is <c>{"outputs": …}</c> as UTF-8; a problem is the last. Leaving the enumeration cancels
    /// the model.
    /// </summary>
    public async IAsyncEnumerable<Result<byte[]>> StreamAsync(string environment, string model, byte[] body, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, Predict(environment, model)) { Content = Json(body) };
        request.Headers.Accept.ParseAdd("text/event-stream");
        using HttpResponseMessage? response = await OpenAsync(request, cancellation).ConfigureAwait(false);
        if (response is null)
        {
            yield return new Problem(Catalogue.ConnectionLost, $"{Address} did not answer.");
            yield break;
        }
        if (!response.IsSuccessStatusCode)
        {
            yield return ProblemReader.Read(response.StatusCode, await response.Content.ReadAsByteArrayAsync(cancellation).ConfigureAwait(false));
            yield break;
        }
        using Stream stream = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
        IAsyncEnumerator<SseItem<byte[]>> events = SseParser.Create(stream, (_, data) => data.ToArray()).EnumerateAsync(cancellation).GetAsyncEnumerator(cancellation);
        await using (events.ConfigureAwait(false))
        {
            while (await NextAsync(events, cancellation).ConfigureAwait(false))
            {
                switch (events.Current.EventType)
                {
                    case "end":
                        yield break;
                    case "error":
                        yield return ProblemReader.Read(HttpStatusCode.InternalServerError, events.Current.Data);
                        yield break;
                    default:
                        yield return events.Current.Data;
                        break;
                }
            }
        }
        yield return new Problem(Catalogue.ConnectionLost, $"The stream of {Address} broke off.");
    }

    private static string Predict(string environment, string model) =>
        $"/serve/{Uri.EscapeDataString(environment)}/predict/{Uri.EscapeDataString(model).Replace("%3A", ":", StringComparison.Ordinal)}";
}
