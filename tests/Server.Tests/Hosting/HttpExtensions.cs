using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Xunit;

namespace Raywright.Server.Tests.Hosting;

/// <summary>Short ways to ask and to read answers.</summary>
internal static class HttpExtensions
{
    extension(HttpClient client)
    {
        public async Task<HttpResponseMessage> CallAsync(string method, string path, byte[]? body = null, string? key = null, params (string Name, string Value)[] headers)
        {
            using HttpRequestMessage request = new(new HttpMethod(method), new Uri(path, UriKind.Relative));
            if (body is not null)
                request.Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue(method == "PUT" ? "application/octet-stream" : "application/json") } };
            if (key is not null)
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
            foreach ((string name, string value) in headers)
            {
                if (!request.Headers.TryAddWithoutValidation(name, value))
                    request.Content!.Headers.TryAddWithoutValidation(name, value);
            }
            return await client.SendAsync(request, TestContext.Current.CancellationToken);
        }

        public Task<HttpResponseMessage> ReadAsync(string path, string? key = null) => client.CallAsync("GET", path, null, key);

        public Task<HttpResponseMessage> PostAsync(string path, string body, string? key = null, params (string Name, string Value)[] headers) =>
            client.CallAsync("POST", path, Encoding.UTF8.GetBytes(body), key, headers);
    }

    extension(HttpResponseMessage answer)
    {
        public int Status => (int)answer.StatusCode;

        public Task<string> TextAsync() => answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

        public async Task<JsonElement> JsonAsync() => JsonElement.Parse(await answer.TextAsync());

        /// <summary>Status and the catalogue code of a problem, e.g. <c>404 RW5201</c>; the status alone of an answer.</summary>
        public async Task<string> OutcomeAsync()
        {
            string text = await answer.TextAsync();
            return answer.Content.Headers.ContentType?.MediaType == "application/problem+json"
                ? $"{answer.Status} {JsonElement.Parse(text).GetProperty("code").GetString()}"
                : $"{answer.Status}";
        }
    }
}
