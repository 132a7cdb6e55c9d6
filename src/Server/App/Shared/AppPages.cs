using Microsoft.AspNetCore.Http.HttpResults;
using Raywright.Core.Errors;

namespace Raywright.Server.App.Shared;

/// <summary>Pages without a circuit: what is said to whoever is not, or not yet, in the app.</summary>
internal static class AppPages
{
    public static IResult SignIn(Problem? problem, string to) => new RazorComponentResult<SignInPage>(new { Problem = problem, To = to })
    {
        StatusCode = problem?.Definition.HttpStatus ?? StatusCodes.Status200OK,
    };

    public static IResult NotFound() => new RazorComponentResult<MessagePage>(new { Title = "There is nothing here", Detail = "The address is wrong, or what was here is gone.", Fix = "Go back to the endpoints." })
    {
        StatusCode = StatusCodes.Status404NotFound,
    };

    public static IResult Failure(Problem problem) => new RazorComponentResult<MessagePage>(new { problem.Definition.Title, problem.Detail, Fix = problem.Advice, problem.Code })
    {
        StatusCode = problem.Definition.HttpStatus,
    };

    /// <summary>For whoever was given a link, and has no key to make another one.</summary>
    public static IResult SharedLinkOver(string model) => Link("This link has expired", $"It opened the model {model} for a limited time, which is over, or it was withdrawn.");

    public static IResult SharedLinkUnknown() => Link("This link does not work", "It was cut off on its way, or another server made it.");

    private static IResult Link(string title, string detail) => new RazorComponentResult<MessagePage>(new { Title = title, Detail = detail, Fix = "Ask whoever sent it for a new one: `raywright share MODEL` makes it.", Catalogue.LinkExpired.Code })
    {
        StatusCode = Catalogue.LinkExpired.HttpStatus,
    };

    /// <summary>A page that goes on by itself.</summary>
    public static IResult Forward(string to) => new RazorComponentResult<MessagePage>(new { Title = "You are signed in", Detail = "The app opens.", Fix = "Go on to the app.", To = to, Forward = true });
}
