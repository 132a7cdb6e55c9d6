namespace Raywright.Cli.Models;
