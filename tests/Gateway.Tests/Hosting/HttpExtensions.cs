using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Xunit;

namespace Raywright.Gateway.Tests.Hosting;

/// <summary>Short ways to ask and to read answers.</summary>
internal static class HttpExtensions
{
    extension(HttpClient client)
    {
        public Task<HttpResponseMessage> PostJsonAsync(string path, string body) =>
            client.PostAsync(new Uri(path, UriKind.Relative), new ByteArrayContent(Encoding.UTF8.GetBytes(body)) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } }, TestContext.Current.CancellationToken);

        public Task<HttpResponseMessage> ReadAsync(string path) => client.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);

        /// <summary>Asks <c>dev/iris</c>.</summary>
        public Task<HttpResponseMessage> AskAsync(string body) => client.PostJsonAsync("predict/iris", body);

        /// <summary>Asks <c>dev/iris</c> for a stream; the answer may still be on its way.</summary>
        public async Task<HttpResponseMessage> OpenStreamAsync(string body)
        {
            using HttpRequestMessage request = new(HttpMethod.Post, "predict/iris") { Content = new StringContent(body, Encoding.UTF8, "application/json") };
            request.Headers.Accept.ParseAdd("text/event-stream");
            return await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        }
    }

    extension(HttpResponseMessage answer)
    {
        public int Status => (int)answer.StatusCode;

        public Task<string> TextAsync() => answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

        public async Task<JsonElement> JsonAsync() => JsonElement.Parse(await answer.TextAsync());

        public string? Header(string name) => answer.Headers.TryGetValues(name, out IEnumerable<string>? values) ? string.Join(",", values) : null;

        /// <summary>The catalogue code of a problem.</summary>
        public async Task<string?> CodeAsync() => (await answer.JsonAsync()).GetProperty("code").GetString();
    }
}
